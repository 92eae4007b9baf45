using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using MailServer.Domain.Accounts;
using MailServer.Domain.Formatting;
using MailServer.Domain.Mailboxes;
using MailServer.Domain.Messages;
using MailServer.Storage.Maildir;
using MailServer.Storage.SafeFiles;

namespace MailServer.Storage.Backup;

/// <summary>A message of a backup that the mailbox no longer has.</summary>
/// <param name="Id">Derived from name and folder, so that restoring it twice stores it once.</param>
/// <param name="Folder">The folder in the backup.</param>
/// <param name="Flags">The flags in the backup.</param>
/// <param name="Path">The path in the backup.</param>
public sealed record BackupMessage(SpoolId Id, FolderName Folder, MessageFlags Flags, string Path);

/// <summary>
/// The mail of one account in a backup, compared with its mailbox now. The names of message files tell which messages are the same, so nothing is read for those that are still there. The
/// mailbox is only listed; its owner stores what is restored.
/// </summary>
public sealed class AccountBackupMail
{
    private readonly string _backup;
    private readonly Dictionary<string, BackupEntry> _entries;

    private AccountBackupMail(string backup, Dictionary<string, BackupEntry> entries, IReadOnlyList<BackupMessage> missing, long present)
    {
        (_backup, _entries) = (backup, entries);
        (Missing, Present) = (missing, present);
    }

    /// <summary>The messages that the mailbox does not have in any folder, by folder.</summary>
    public IReadOnlyList<BackupMessage> Missing { get; }

    /// <summary>How many messages of the backup are still there.</summary>
    public long Present { get; }

    /// <summary>Compares the mail of an account in a backup with its mailbox.</summary>
    /// <param name="backup">The folder of the backup.</param>
    /// <param name="account">The id that the account had then.</param>
    /// <param name="mailbox">The folder of its mailbox now; it need not exist.</param>
    /// <exception cref="InvalidDataException">The list of the backup's files is damaged.</exception>
    public static AccountBackupMail Compare(string backup, AccountId account, string mailbox)
    {
        var prefix = string.Create(CultureInfo.InvariantCulture, $"maildir/user_{account.Value}/");
        var entries = BackupManifest.Read(backup).Where(e => e.Path.StartsWith(prefix, StringComparison.Ordinal)).ToDictionary(static e => e.Path, StringComparer.Ordinal);
        var now = new MaildirReader(mailbox).Folders.SelectMany(static f => f.Files).Select(static f => f.BaseName).ToHashSet(StringComparer.Ordinal);
        var (missing, present) = (new List<BackupMessage>(), 0L);
        foreach (var folder in new MaildirReader(Path.Combine(backup, prefix.TrimEnd('/'))).Folders)
        {
            foreach (var file in folder.Files)
            {
                var id = IdOf(folder.Name, file.BaseName);
                if (now.Contains(file.BaseName) || now.Contains(id.Base)) present++;
                else if (file.Find() is { } path) missing.Add(new BackupMessage(id, folder.Name, file.Flags, Path.GetRelativePath(backup, path)));
            }
        }

        return new AccountBackupMail(backup, entries, missing, present);
    }

    /// <summary>Reads a message and compares it with the list of the backup.</summary>
    /// <returns>The content with CRLF line endings and the date when it arrived; if it is damaged, what is wrong.</returns>
    public (byte[] Content, DateTimeOffset Date, string? Damage) Read(BackupMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        if (!_entries.TryGetValue(message.Path, out var entry)) return ([], default, "does not belong to the backup");
        try
        {
            using var file = SafeFileReader.OpenBeneath(_backup, message.Path);
            if (RandomAccess.GetLength(file) is var size && size != entry.Size) return ([], default, $"has {Quantity.Of(size, "octet")} instead of {entry.Size.ToString(CultureInfo.InvariantCulture)}");
            var content = new byte[entry.Size];
            var length = 0;
            while (length < content.Length && RandomAccess.Read(file, content.AsSpan(length), length) is > 0 and var read) length += read;
            return Convert.ToHexStringLower(SHA256.HashData(content)) == entry.Hash
                ? (ToCrlf(content), new DateTimeOffset(File.GetLastWriteTimeUtc(file)), null)
                : ([], default, "its content has changed");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return ([], default, e.Message);
        }
    }

    /// <summary>Restored messages get names of their own: the mailbox may remember the original one of a message that was removed.</summary>
    private static SpoolId IdOf(FolderName folder, string name)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{folder.Value}\n{name}"));
        var seconds = name.IndexOf('.', StringComparison.Ordinal) is > 0 and var dot && long.TryParse(name.AsSpan(0, dot), NumberStyles.None, CultureInfo.InvariantCulture, out var at) ? at : 0;
        return new SpoolId(string.Create(CultureInfo.InvariantCulture, $"{seconds}.R{Convert.ToHexStringLower(hash.AsSpan(0, 16))}.restore"));
    }

    private static byte[] ToCrlf(byte[] content)
    {
        var bare = 0;
        for (var i = 0; i < content.Length; i++)
            if (content[i] == '\n' && (i == 0 || content[i - 1] != '\r')) bare++;
        if (bare == 0) return content;
        var (converted, at) = (new byte[content.Length + bare], 0);
        for (var i = 0; i < content.Length; i++)
        {
            if (content[i] == '\n' && (i == 0 || content[i - 1] != '\r')) converted[at++] = (byte)'\r';
            converted[at++] = content[i];
        }

        return converted;
    }
}

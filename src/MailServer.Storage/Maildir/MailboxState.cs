using System.Globalization;

namespace MailServer.Storage.Maildir;

/// <summary>The persistent state of a mailbox in <c>mailbox.state</c>: the last folder id and the last UIDVALIDITY assigned.</summary>
internal sealed record MailboxState(long LastFolderId, uint LastUidValidity)
{
    public const string FileName = "mailbox.state";

    public void Save(string directory, bool sync) => StateFile.Replace(
        Path.Combine(directory, FileName),
        [
            "mailserver-mailbox 1",
            string.Create(CultureInfo.InvariantCulture, $"folder {LastFolderId}"),
            string.Create(CultureInfo.InvariantCulture, $"uidvalidity {LastUidValidity}"),
        ],
        sync);

    /// <summary>Reads the state; null for a mailbox that was never opened.</summary>
    public static MailboxState? Load(string directory)
    {
        if (StateFile.ReadLines(Path.Combine(directory, FileName)) is not { } lines) return null;
        return new MailboxState(Number(lines, "folder "), (uint)Number(lines, "uidvalidity "));
    }

    private static long Number(string[] lines, string key) =>
        lines.FirstOrDefault(l => l.StartsWith(key, StringComparison.Ordinal)) is { } line
        && long.TryParse(line.AsSpan(key.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
}

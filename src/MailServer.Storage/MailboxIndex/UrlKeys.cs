using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using MailServer.Domain.Mailboxes;
using MailServer.Storage.Maildir;

namespace MailServer.Storage.MailboxIndex;

/// <summary>
/// The keys that sign URLs of messages (RFC 4467), one for each folder. A key is created when it is first needed, and is with the annotations of its folder under a name that clients cannot use: it is
/// renamed, copied and removed with the folder.
/// </summary>
public sealed class UrlKeys
{
    private const string Entry = "url-key";
    private const int KeySize = 32;

    /// <summary>The algorithm, so that it can be changed (RFC 4467 §2.4.1): HMAC with SHA-256 of UIDVALIDITY and URL.</summary>
    private const string Algorithm = "01";

    private readonly MailboxContext _context;

    internal UrlKeys(MailboxContext context) => _context = context;

    /// <summary>Returns the authorization token of a URL.</summary>
    /// <exception cref="IOException">The disk failed.</exception>
    public MailboxResult<string> Sign(FolderName folder, string url)
    {
        if (!_context.TryFind(folder, out var found)) return MailboxRefusal.NoSuchFolder;
        var entries = AnnotationFile.Load(found.Directory.Path);
        if (!entries.TryGetValue(Entry, out var key))
        {
            entries[Entry] = key = RandomNumberGenerator.GetBytes(KeySize);
            AnnotationFile.Save(found.Directory.Path, entries, _context.Options.SyncDirectories);
        }

        return TokenOf(key, found, url);
    }

    /// <summary>Returns the folder of a URL if the token is right and the time has not passed; otherwise it is as if there were no such message.</summary>
    /// <exception cref="IOException">The disk failed.</exception>
    public MailboxResult<(FolderId Folder, UidValidity Validity)> Verify(FolderName folder, string url, string token, DateTimeOffset? expiry)
    {
        if (!_context.TryFind(folder, out var found) || _context.Time.GetUtcNow() > expiry) return MailboxRefusal.NoSuchMessage;
        if (!AnnotationFile.Load(found.Directory.Path).TryGetValue(Entry, out var key)) return MailboxRefusal.NoSuchMessage;
        var right = CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(TokenOf(key, found, url)), Encoding.ASCII.GetBytes(token.ToLowerInvariant()));
        return right ? (found.Id, found.UidValidity) : MailboxRefusal.NoSuchMessage;
    }

    /// <summary>Removes the key of a folder, or of all folders: no URL signed so far is valid any more.</summary>
    /// <exception cref="IOException">The disk failed.</exception>
    public MailboxRefusal? Reset(FolderName? folder)
    {
        if (folder is { } name)
        {
            if (!_context.TryFind(name, out var found)) return MailboxRefusal.NoSuchFolder;
            Remove(found);
        }
        else
        {
            foreach (var each in _context.Folders) Remove(each);
        }

        return null;
    }

    /// <summary>Whether an entry of the file is none of the annotations that clients see.</summary>
    internal static bool IsKey(string name) => name == Entry;

    private static string TokenOf(byte[] key, Folder folder, string url) =>
        Algorithm + Convert.ToHexStringLower(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{folder.UidValidity.Value} {url}"))));

    private void Remove(Folder folder)
    {
        var entries = AnnotationFile.Load(folder.Directory.Path);
        if (entries.Remove(Entry)) AnnotationFile.Save(folder.Directory.Path, entries, _context.Options.SyncDirectories);
    }
}

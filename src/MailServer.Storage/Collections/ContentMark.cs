using MailServer.Storage.Maildir;
using MailServer.Storage.SafeFiles;

namespace MailServer.Storage.Collections;

/// <summary>
/// A file beside <c>dav.db</c> that says that the account has calendars: without it a database that was lost or emptied could not be told from a new
/// account, whose first calendars would silently take the place of the old ones.
/// </summary>
internal sealed class ContentMark(string directory)
{
    public const string FileName = "dav.exists";

    private readonly string _path = Path.Combine(directory, FileName);

    public bool IsSet => File.Exists(_path);

    public void Clear() => Posix.TryUnlink(_path);

    public void Set()
    {
        if (!IsSet) StateFile.Replace(_path, [], sync: true);
    }
}

using MailServer.Storage.Maildir;
using MailServer.Storage.SafeFiles;

namespace MailServer.Storage.Collections;

/// <summary>
/// A marker file beside <c>dav.db</c> which shows that the account has calendars. Without it a lost or
/// emptied database would look like a new account, and default calendars would silently replace the old ones.
/// </summary>
internal sealed class CalendarsExistMarker(string directory)
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

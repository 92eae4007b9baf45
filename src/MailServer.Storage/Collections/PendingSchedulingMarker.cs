using System.Globalization;
using MailServer.Domain.Accounts;
using MailServer.Storage.Maildir;
using MailServer.Storage.SafeFiles;

namespace MailServer.Storage.Collections;

/// <summary>A marker file beside <c>dav.db</c> that exists while scheduling messages are queued, so that a starting node need not open every account to find them.</summary>
public sealed class PendingSchedulingMarker(string directory)
{
    internal const string FileName = "dav.pending";
    private const string Prefix = "user_";

    private readonly string _path = Path.Combine(directory, FileName);
    private bool _isSet = File.Exists(Path.Combine(directory, FileName));

    public void Set()
    {
        if (_isSet) return;
        StateFile.Replace(_path, [], sync: true);
        _isSet = true;
    }

    public void Clear()
    {
        if (!_isSet) return;
        Posix.TryUnlink(_path);
        _isSet = false;
    }

    /// <summary>Lists the accounts with queued scheduling messages.</summary>
    public static IReadOnlyList<AccountId> Find(string maildirPath)
    {
        if (!System.IO.Directory.Exists(maildirPath)) return [];
        var found = new List<AccountId>();
        foreach (var folder in System.IO.Directory.EnumerateDirectories(maildirPath, Prefix + "*"))
        {
            if (long.TryParse(Path.GetFileName(folder).AsSpan(Prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && File.Exists(Path.Combine(folder, FileName)))
                found.Add(new AccountId(number));
        }

        return found;
    }
}

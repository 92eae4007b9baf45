using System.Globalization;
using MailServer.Domain.Accounts;
using MailServer.Domain.Mailboxes;
using MailServer.Storage.SafeFiles;

namespace MailServer.Storage.Maildir;

/// <summary>Which messages of a folder other accounts have seen, in the file <c>.seen</c> of its directory. The owner's <c>\Seen</c> is in the names of the message files.</summary>
internal static class SeenFile
{
    public const string FileName = ".seen";
    private const string Version = "mailserver-seen 1";

    /// <summary>Reads the UIDs of each account; none if the file is missing or damaged.</summary>
    /// <exception cref="IOException">The file cannot be read, or something else is in its place.</exception>
    public static Dictionary<AccountId, UidSet> Load(string directory)
    {
        var seen = new Dictionary<AccountId, UidSet>();
        if (StateFile.ReadLines(PathOf(directory)) is not { } found || StateFile.Verify(found) is not [Version, .. var lines]) return seen;
        foreach (var line in lines)
            if (line.Split(' ') is [var id, var uids] && long.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var account) && Parse(uids) is { } set) seen[new AccountId(account)] = set;
        return seen;
    }

    public static void Save(string directory, IReadOnlyDictionary<AccountId, UidSet> seen, bool sync)
    {
        if (seen.Count > 0)
        {
            StateFile.ReplaceChecked(PathOf(directory), Version, [.. seen.OrderBy(static s => s.Key.Value).Select(static s => $"{s.Key} {s.Value}")], sync);
            return;
        }

        Remove(directory);
        if (sync) Posix.SyncDirectory(directory);
    }

    public static void Remove(string directory) => Posix.TryUnlink(PathOf(directory));

    private static string PathOf(string directory) => Path.Combine(directory, FileName);

    private static UidSet? Parse(string text)
    {
        var ranges = new List<(uint, uint)>();
        foreach (var range in text.Split(','))
        {
            var ends = range.Split(':');
            if (ends.Length > 2 || !TryParse(ends[0], out var first) || !TryParse(ends[^1], out var last)) return null;
            ranges.Add((first, last));
        }

        return UidSet.Of(ranges);
    }

    private static bool TryParse(string text, out uint uid) => uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out uid) && uid > 0;
}

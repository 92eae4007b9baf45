using MailServer.Domain.Accounts;
using MailServer.Domain.Mailboxes;
using MailServer.Storage.Maildir;

namespace MailServer.Storage.MailboxIndex;

/// <summary>Which messages of a folder other accounts have seen. Changes are written by <see cref="Save"/>, within a second like other flags.</summary>
internal sealed class GuestSeen
{
    private readonly Dictionary<AccountId, UidSet> _seen;
    private bool _isChanged;

    private GuestSeen(Dictionary<AccountId, UidSet> seen) => _seen = seen;

    /// <exception cref="IOException">The file cannot be read.</exception>
    public static GuestSeen Of(Folder folder) => folder.Seen ??= new GuestSeen(SeenFile.Load(folder.Directory.Path));

    public UidSet this[AccountId guest] => _seen.GetValueOrDefault(guest, UidSet.Empty);

    /// <summary>Replaces what a guest has seen; false if there would be too many ranges.</summary>
    public bool TrySet(AccountId guest, UidSet seen, UidList existing, int mostRanges)
    {
        var compact = Compact(seen, existing);
        var others = _seen.Where(s => s.Key != guest).Sum(static s => (long)s.Value.Ranges.Count);
        if (compact.Ranges.Count > this[guest].Ranges.Count && others + compact.Ranges.Count > mostRanges) return false;
        if (compact.IsEmpty) _seen.Remove(guest);
        else _seen[guest] = compact;
        _isChanged = true;
        return true;
    }

    /// <summary>Forgets the guests that may no longer read the folder.</summary>
    public void Keep(Func<AccountId, bool> isReader)
    {
        foreach (var guest in _seen.Keys.Where(g => !isReader(g)).ToList())
        {
            _seen.Remove(guest);
            _isChanged = true;
        }
    }

    public void Save(Folder folder)
    {
        if (!_isChanged) return;
        SeenFile.Save(folder.Directory.Path, _seen, folder.Directory.Syncs);
        _isChanged = false;
    }

    // Gaps without messages are closed, because a UID is never used again.
    private static UidSet Compact(UidSet seen, UidList existing)
    {
        var found = seen.Intersect(existing);
        var ranges = new List<(uint First, uint Last)>();
        for (int at = 0, next = 0; at < found.Length; at++)
        {
            var position = at == 0 ? existing.IndexOf(found[0]) : next;
            if (ranges.Count > 0 && existing[position] == found[at]) ranges[^1] = (ranges[^1].First, found[at]);
            else ranges.Add((found[at], found[at]));
            next = existing.IndexOf(found[at]) + 1;
        }

        return UidSet.Of(ranges);
    }
}

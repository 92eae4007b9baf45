using System.Collections.Frozen;
using System.Text;
using MailServer.Protocol.Imap.Decoding;
using static MailServer.Protocol.Imap.ImapState;

namespace MailServer.Protocol.Imap.Commands;

/// <summary>Parses a command's arguments; returns null when they are malformed.</summary>
internal delegate ImapCommand? Grammar(ref ImapReader reader);

/// <summary>A command's name, the states in which it is allowed, and its argument parser.</summary>
internal sealed record CommandEntry(string Name, ImapState States, Grammar Read);

/// <summary>All commands and the states in which they are allowed (RFC 3501 §6 and the extensions).</summary>
internal static class CommandTable
{
    private const int LongestName = 16;

    public static IReadOnlyList<CommandEntry> All { get; } =
    [
        new("CAPABILITY", Any, Capability.Read),
        new("NOOP", Any, Noop.Read),
        new("LOGOUT", Any, Logout.Read),
        new("ID", Any, Id.Read),
        new("STARTTLS", NotAuthenticated, StartTls.Read),
        new("AUTHENTICATE", NotAuthenticated, Authenticate.Read),
        new("LOGIN", NotAuthenticated, Login.Read),
        new("ENABLE", Authenticated, Enable.Read),
        new("SELECT", SignedIn, Select.Read),
        new("EXAMINE", SignedIn, Select.ReadExamine),
        new("CREATE", SignedIn, Create.Read),
        new("DELETE", SignedIn, Delete.Read),
        new("RENAME", SignedIn, Rename.Read),
        new("SUBSCRIBE", SignedIn, Subscribe.Read),
        new("UNSUBSCRIBE", SignedIn, Subscribe.ReadUnsubscribe),
        new("LIST", SignedIn, List.Read),
        new("LSUB", SignedIn, LSub.Read),
        new("STATUS", SignedIn, Status.Read),
        new("APPEND", SignedIn, Append.Read),
        new("NAMESPACE", SignedIn, Namespace.Read),
        new("GETQUOTA", SignedIn, GetQuota.Read),
        new("GETQUOTAROOT", SignedIn, GetQuotaRoot.Read),
        new("SETQUOTA", SignedIn, SetQuota.Read),
        new("IDLE", SignedIn, Idle.Read),
        new("CHECK", Selected, Noop.Read),
        new("CLOSE", Selected, Close.Read),
        new("UNSELECT", Selected, Close.ReadUnselect),
        new("EXPUNGE", Selected, Expunge.Read),
        new("SEARCH", Selected, Search.Read),
        new("FETCH", Selected, Fetch.Read),
        new("STORE", Selected, Store.Read),
        new("COPY", Selected, Copy.Read),
        new("MOVE", Selected, Copy.ReadMove),
        new("UID EXPUNGE", Selected, Expunge.ReadUid),
        new("UID SEARCH", Selected, Search.ReadUid),
        new("UID FETCH", Selected, Fetch.ReadUid),
        new("UID STORE", Selected, Store.ReadUid),
        new("UID COPY", Selected, Copy.ReadUid),
        new("UID MOVE", Selected, Copy.ReadUidMove),
    ];

    private static readonly FrozenDictionary<string, CommandEntry>.AlternateLookup<ReadOnlySpan<char>> ByName =
        All.ToFrozenDictionary(e => e.Name, StringComparer.OrdinalIgnoreCase).GetAlternateLookup<ReadOnlySpan<char>>();

    public static ImapState StatesOf(string name) => ByName.TryGetValue(name, out var entry) ? entry.States : ImapState.None;

    /// <summary>Reads the name of a command. UID and the following word count as one name.</summary>
    public static bool TryFind(ref ImapReader reader, out CommandEntry entry)
    {
        entry = null!;
        Span<char> name = stackalloc char[LongestName];
        var length = 0;
        if (reader.TryReadWord("UID "u8)) length = Encoding.ASCII.GetChars("UID "u8, name);
        if (!reader.ReadAtom(out var atom) || length + atom.Length > name.Length) return false;
        length += Encoding.ASCII.GetChars(atom, name[length..]);
        return ByName.TryGetValue(name[..length], out entry!);
    }
}

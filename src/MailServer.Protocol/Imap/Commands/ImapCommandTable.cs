using System.Collections.Frozen;
using System.Text;
using MailServer.Protocol.Imap.Decoding;
using static MailServer.Protocol.Imap.ImapState;

namespace MailServer.Protocol.Imap.Commands;

/// <summary>Parses a command's arguments; returns null when they are malformed.</summary>
internal delegate ImapCommand? CommandArgumentParser(ref ImapReader reader);

/// <summary>A command's name, the states in which it is allowed, and its argument parser.</summary>
internal sealed record ImapCommandEntry(string Name, ImapState States, CommandArgumentParser Read);

/// <summary>All commands and the states in which they are allowed (RFC 3501 §6 and the extensions).</summary>
internal static class ImapCommandTable
{
    private const int MaxNameLength = 16;

    public static IReadOnlyList<ImapCommandEntry> All { get; } =
    [
        new("CAPABILITY", Any, CapabilityCommand.Read),
        new("NOOP", Any, NoopCommand.Read),
        new("LOGOUT", Any, LogoutCommand.Read),
        new("ID", Any, IdCommand.Read),
        new("STARTTLS", NotAuthenticated, StartTlsCommand.Read),
        new("AUTHENTICATE", NotAuthenticated, AuthenticateCommand.Read),
        new("LOGIN", NotAuthenticated, LoginCommand.Read),
        new("UNAUTHENTICATE", SignedIn, UnauthenticateCommand.Read),
        new("ENABLE", Authenticated, EnableCommand.Read),
        new("SELECT", SignedIn, SelectCommand.Read),
        new("EXAMINE", SignedIn, SelectCommand.ReadExamine),
        new("CREATE", SignedIn, CreateCommand.Read),
        new("DELETE", SignedIn, DeleteCommand.Read),
        new("RENAME", SignedIn, RenameCommand.Read),
        new("SUBSCRIBE", SignedIn, SubscribeCommand.Read),
        new("UNSUBSCRIBE", SignedIn, SubscribeCommand.ReadUnsubscribe),
        new("LIST", SignedIn, ListCommand.Read),
        new("LSUB", SignedIn, LsubCommand.Read),
        new("STATUS", SignedIn, FolderStatusCommand.Read),
        new("APPEND", SignedIn, AppendCommand.Read),
        new("NAMESPACE", SignedIn, NamespaceCommand.Read),
        new("SETACL", SignedIn, SetAclCommand.Read),
        new("DELETEACL", SignedIn, SetAclCommand.ReadDelete),
        new("GETACL", SignedIn, GetAclCommand.Read),
        new("LISTRIGHTS", SignedIn, ListRightsCommand.Read),
        new("MYRIGHTS", SignedIn, MyRightsCommand.Read),
        new("GETMETADATA", SignedIn, GetMetadataCommand.Read),
        new("SETMETADATA", SignedIn, SetMetadataCommand.Read),
        new("GETQUOTA", SignedIn, GetQuotaCommand.Read),
        new("GETQUOTAROOT", SignedIn, GetQuotaRootCommand.Read),
        new("SETQUOTA", SignedIn, SetQuotaCommand.Read),
        new("GENURLAUTH", SignedIn, GenUrlAuthCommand.Read),
        new("RESETKEY", SignedIn, ResetKeyCommand.Read),
        new("URLFETCH", SignedIn, UrlFetchCommand.Read),
        new("IDLE", SignedIn, IdleCommand.Read),
        new("NOTIFY", SignedIn, NotifyCommand.Read),
        new("COMPRESS", SignedIn, CompressCommand.Read),
        new("CHECK", Selected, NoopCommand.Read),
        new("CLOSE", Selected, CloseCommand.Read),
        new("UNSELECT", Selected, CloseCommand.ReadUnselect),
        new("EXPUNGE", Selected, ExpungeCommand.Read),
        new("SEARCH", Selected, SearchCommand.Read),
        new("SORT", Selected, SortCommand.Read),
        new("THREAD", Selected, ThreadCommand.Read),
        new("CANCELUPDATE", Selected, CancelUpdateCommand.Read),
        new("FETCH", Selected, FetchCommand.Read),
        new("STORE", Selected, StoreCommand.Read),
        new("COPY", Selected, CopyCommand.Read),
        new("REPLACE", Selected, ReplaceCommand.Read),
        new("MOVE", Selected, CopyCommand.ReadMove),
        new("UID EXPUNGE", Selected, ExpungeCommand.ReadUid),
        new("UID SEARCH", Selected, SearchCommand.ReadUid),
        new("UID SORT", Selected, SortCommand.ReadUid),
        new("UID THREAD", Selected, ThreadCommand.ReadUid),
        new("UID FETCH", Selected, FetchCommand.ReadUid),
        new("UID STORE", Selected, StoreCommand.ReadUid),
        new("UID COPY", Selected, CopyCommand.ReadUid),
        new("UID REPLACE", Selected, ReplaceCommand.ReadUid),
        new("UID MOVE", Selected, CopyCommand.ReadUidMove),
    ];

    private static readonly FrozenDictionary<string, ImapCommandEntry>.AlternateLookup<ReadOnlySpan<char>> ByName =
        All.ToFrozenDictionary(e => e.Name, StringComparer.OrdinalIgnoreCase).GetAlternateLookup<ReadOnlySpan<char>>();

    public static ImapState StatesOf(string name) => ByName.TryGetValue(name, out var entry) ? entry.States : ImapState.None;

    /// <summary>Reads the name of a command. UID and the following word count as one name.</summary>
    public static bool TryFind(ref ImapReader reader, out ImapCommandEntry entry)
    {
        entry = null!;
        Span<char> name = stackalloc char[MaxNameLength];
        var length = 0;
        if (reader.TryReadWord("UID "u8)) length = Encoding.ASCII.GetChars("UID "u8, name);
        if (!reader.ReadAtom(out var atom) || length + atom.Length > name.Length) return false;
        length += Encoding.ASCII.GetChars(atom, name[length..]);
        return ByName.TryGetValue(name[..length], out entry!);
    }
}

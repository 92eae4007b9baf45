using System.Buffers;
using System.Globalization;
using System.Text;
using MailServer.Protocol.Imap.Writing;
using MailServer.Protocol.Sasl;

namespace MailServer.Protocol.Imap.Commands;

/// <summary>The capabilities that a session advertises in its current state (RFC 3501 §6.1.1), without those that the configuration disables.</summary>
public static class Capabilities
{
    private static readonly string[] Always = ["IMAP4rev1", "IMAP4rev2", "LITERAL+", "SASL-IR", "ID", "ENABLE"];

    private static readonly string[] SignedIn =
    [
        "IDLE", "NAMESPACE", "UIDPLUS", "MOVE", "UNSELECT", "SPECIAL-USE", "CHILDREN", "QUOTA", "QUOTA=RES-STORAGE", "CONDSTORE", "QRESYNC", "ESEARCH", "SEARCHRES", "WITHIN", "PARTIAL",
        "SORT", "SORT=DISPLAY", "ESORT", "CONTEXT=SEARCH", "CONTEXT=SORT", "THREAD=ORDEREDSUBJECT", "THREAD=REFERENCES", "LIST-EXTENDED", "LIST-STATUS", "STATUS=SIZE", "CREATE-SPECIAL-USE", "INPROGRESS", "MULTIAPPEND",
        "OBJECTID", "I18NLEVEL=1", "SAVEDATE", "PREVIEW", "BINARY", "REPLACE", "UTF8=ACCEPT", "NOTIFY", "METADATA", "LIST-METADATA", "UNAUTHENTICATE", Acl, Rights, ListMyRights, Catenate, UrlAuth, UrlAuthBinary, AppendLimit, Compress,
    ];

    internal const string Catenate = "CATENATE";
    private const string UrlAuth = "URLAUTH";
    internal const string UrlAuthBinary = "URLAUTH=BINARY";
    /// <summary>Without it there are no folders of other mailboxes.</summary>
    internal const string Acl = "ACL";

    private const string Rights = "RIGHTS=kxte";
    private const string ListMyRights = "LIST-MYRIGHTS";
    private const string AppendLimit = "APPENDLIMIT";
    private const string Compress = "COMPRESS=DEFLATE";

    /// <summary>Commands that exist only with a capability.</summary>
    private static readonly Dictionary<string, string> NeededBy = new(StringComparer.Ordinal)
    {
        ["ID"] = "ID",
        ["ENABLE"] = "ENABLE",
        ["IDLE"] = "IDLE",
        ["UNAUTHENTICATE"] = "UNAUTHENTICATE",
        ["CANCELUPDATE"] = "CONTEXT=SEARCH",
        ["NOTIFY"] = "NOTIFY",
        ["SETACL"] = Acl,
        ["DELETEACL"] = Acl,
        ["GETACL"] = Acl,
        ["LISTRIGHTS"] = Acl,
        ["MYRIGHTS"] = Acl,
        ["GETMETADATA"] = "METADATA",
        ["SETMETADATA"] = "METADATA",
        ["NAMESPACE"] = "NAMESPACE",
        ["MOVE"] = "MOVE",
        ["UID MOVE"] = "MOVE",
        ["UID EXPUNGE"] = "UIDPLUS",
        ["UNSELECT"] = "UNSELECT",
        ["GETQUOTA"] = "QUOTA",
        ["GETQUOTAROOT"] = "QUOTA",
        ["SETQUOTA"] = "QUOTA",
        ["SORT"] = "SORT",
        ["UID SORT"] = "SORT",
        ["REPLACE"] = "REPLACE",
        ["UID REPLACE"] = "REPLACE",
        ["COMPRESS"] = Compress,
        ["GENURLAUTH"] = UrlAuth,
        ["RESETKEY"] = UrlAuth,
        ["URLFETCH"] = UrlAuth,
    };

    /// <summary>All capabilities that are announced to clients that have signed in, without values.</summary>
    public static IEnumerable<string> All => Always.Concat(SignedIn);

    /// <summary>The capabilities that the configuration can disable. A client may rely on the others without looking for them.</summary>
    public static IEnumerable<string> Optional => All.Except(["IMAP4rev1", "LITERAL+"]);

    /// <summary><c>CAPABILITY IMAP4rev1 …</c></summary>
    internal static void Write(ref ImapWriter writer, ImapSession session)
    {
        writer.Write("CAPABILITY"u8);
        foreach (var name in Always.Concat(session.Account is null ? BeforeSignIn(session) : SignedIn))
        {
            if (session.IsDisabled(name) || (name == Compress && session.IsCompressed)) continue;
            if (name is Rights or ListMyRights && !session.OffersSharing) continue;
            writer.Write((byte)' ');
            writer.Write(name == AppendLimit ? string.Create(CultureInfo.InvariantCulture, $"{name}={session.Limits.MaxMessageSize}") : name);
        }
    }

    internal static string Text(ImapSession session)
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = new ImapWriter(output);
        Write(ref writer, session);
        writer.Commit();
        return Encoding.ASCII.GetString(output.WrittenSpan);
    }

    /// <summary>Whether a command exists in this session.</summary>
    internal static bool Offers(ImapSession session, string command) =>
        !NeededBy.TryGetValue(command, out var capability) || !session.IsDisabled(capability);

    /// <summary>Passwords are accepted under TLS, or in clear text when the configuration allows it.</summary>
    internal static bool MayAuthenticate(ImapSession session) => session.Tls is not null || !session.Options.RequireTls;

    private static IEnumerable<string> BeforeSignIn(ImapSession session)
    {
        if (session.Options.TlsAvailable && session.Tls is null) yield return "STARTTLS";
        if (!MayAuthenticate(session))
        {
            yield return "LOGINDISABLED";
            yield break;
        }

        foreach (var mechanism in SaslMechanisms.NamesFor(session.Tls)) yield return "AUTH=" + mechanism;
    }
}

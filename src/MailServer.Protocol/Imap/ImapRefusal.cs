using MailServer.Domain.Mailboxes;

namespace MailServer.Protocol.Imap;

/// <summary>Every reason for which a command can fail. <see cref="ImapRefusals"/> holds the response texts.</summary>
internal enum ImapRefusal
{
    BadTag,
    UnknownCommand,
    Syntax,
    WrongState,
    LineTooLong,
    LiteralTooBig,
    MessageTooBig,
    NoSuchMessage,
    BadBase64,
    Cancelled,
    BadMessage,
    TlsUnavailable,
    TlsActive,
    PrivacyRequired,
    UnknownMechanism,
    AuthenticationFailed,
    Unavailable,
    ReadOnly,
    BadCharset,
    BadFolderName,
    NoSuchFolder,
    NoSuchTarget,
    FolderExists,
    IsInbox,
    LimitReached,
    OverQuota,
    ExpungeIssued,
    NoSuchQuotaRoot,
    NotYours,
    Unreadable,
}

/// <summary>The response for a failure: NO (the command cannot be done) or BAD (the command is not understood), the response code (RFC 5530 and others) and the text.</summary>
internal readonly record struct RefusalText(bool IsBad, string? Code, string Text);

/// <summary>The single table of failure responses.</summary>
internal static class ImapRefusals
{
    private const int MaxNamed = 20;

    public static RefusalText TextOf(ImapRefusal refusal) => refusal switch
    {
        ImapRefusal.BadTag => new(true, null, "A command begins with a tag"),
        ImapRefusal.UnknownCommand => new(true, null, "Unknown command"),
        ImapRefusal.Syntax => new(true, null, "Syntax error in the arguments"),
        ImapRefusal.WrongState => new(true, "CLIENTBUG", "Command not allowed in this state"),
        ImapRefusal.LineTooLong => new(true, "LIMIT", "Command line too long"),
        ImapRefusal.LiteralTooBig => new(true, "TOOBIG", "Literals too long"),
        ImapRefusal.MessageTooBig => new(false, "TOOBIG", "Message too large"),
        ImapRefusal.NoSuchMessage => new(true, "CLIENTBUG", "No message of that number"),
        ImapRefusal.BadBase64 => new(true, null, "Malformed response"),
        ImapRefusal.Cancelled => new(true, null, "Authentication cancelled"),
        ImapRefusal.BadMessage => new(true, null, "A literal holds no NUL"),
        ImapRefusal.TlsUnavailable => new(false, "UNAVAILABLE", "TLS is not available"),
        ImapRefusal.TlsActive => new(true, "CLIENTBUG", "TLS is active already"),
        ImapRefusal.PrivacyRequired => new(false, "PRIVACYREQUIRED", "Start TLS before you sign in"),
        ImapRefusal.UnknownMechanism => new(false, "CANNOT", "Unknown authentication mechanism"),
        ImapRefusal.AuthenticationFailed => new(false, "AUTHENTICATIONFAILED", "Wrong login or password"),
        ImapRefusal.Unavailable => new(false, "UNAVAILABLE", "Not possible at the moment, try again later"),
        ImapRefusal.ReadOnly => new(false, "CANNOT", "The folder is open for reading only"),
        ImapRefusal.BadCharset => new(false, "BADCHARSET (US-ASCII UTF-8)", "Charset not supported"),
        ImapRefusal.BadFolderName => new(false, "CANNOT", "Not a possible folder name"),
        ImapRefusal.NoSuchFolder => new(false, "NONEXISTENT", "No such folder"),
        ImapRefusal.NoSuchTarget => new(false, "TRYCREATE", "No such folder"),
        ImapRefusal.FolderExists => new(false, "ALREADYEXISTS", "The folder exists already"),
        ImapRefusal.IsInbox => new(false, "CANNOT", "Not possible with INBOX"),
        ImapRefusal.LimitReached => new(false, "LIMIT", "A limit of the mailbox is reached"),
        ImapRefusal.OverQuota => new(false, "OVERQUOTA", "The mailbox is full"),
        ImapRefusal.ExpungeIssued => new(false, "EXPUNGEISSUED", "Some messages have been removed meanwhile"),
        ImapRefusal.NoSuchQuotaRoot => new(false, "NONEXISTENT", "No such quota root"),
        ImapRefusal.NotYours => new(false, "NOPERM", "That is the administrator's to change"),
        ImapRefusal.Unreadable => new(false, "UNAVAILABLE", "These messages cannot be read, UID"),
        _ => throw new ArgumentOutOfRangeException(nameof(refusal), refusal, null),
    };

    /// <summary>A NO response that lists the UIDs of unreadable messages, up to a limit.</summary>
    public static ImapResult Unreadable(IReadOnlyList<Uid> uids)
    {
        var (_, code, text) = TextOf(ImapRefusal.Unreadable);
        var named = string.Join(',', uids.Take(MaxNamed).Select(static u => u.ToString()));
        return new ImapResult("NO", code, $"{text} {named}{(uids.Count > MaxNamed ? ",..." : "")}");
    }

    public static ImapRefusal Of(MailboxRefusal refusal) => refusal switch
    {
        MailboxRefusal.NoSuchFolder => ImapRefusal.NoSuchFolder,
        MailboxRefusal.NoSuchTarget => ImapRefusal.NoSuchTarget,
        MailboxRefusal.FolderExists => ImapRefusal.FolderExists,
        MailboxRefusal.IsInbox => ImapRefusal.IsInbox,
        MailboxRefusal.LimitReached => ImapRefusal.LimitReached,
        MailboxRefusal.OverQuota => ImapRefusal.OverQuota,
        _ => ImapRefusal.Unavailable,
    };
}

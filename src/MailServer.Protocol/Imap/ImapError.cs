using System.Globalization;
using MailServer.Domain.Mailboxes;

namespace MailServer.Protocol.Imap;

/// <summary>Every reason for which a command can fail. <see cref="ImapErrors"/> holds the response texts.</summary>
internal enum ImapError
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
    NulInLiteral,
    TlsUnavailable,
    TlsAlreadyActive,
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
    InboxNotAllowed,
    LimitReached,
    OverQuota,
    ExpungeIssued,
    NoSuchQuotaRoot,
    NotEnabled,
    PermissionDenied,
    MessageUnreadable,
    ResultNotSaved,
    SpecialUseNotPossible,
    SpecialUseTaken,
    CompressionActive,
    EmptyMessage,
    TooManyMessages,
    UnknownEncoding,
    NothingToReplace,
    CharsetNotAllowed,
    UnknownEvent,
    TooManyNotifications,
    TooManyAnnotations,
    TagInUse,
    BadUrl,
    TooManyParts,
    UrlNotSigned,
    UnknownUrlMechanism,
    NoRight,
    NotPossible,
    NoSuchAccount,
    NegativeRights,
}

/// <summary>The response for a failure: NO (the command cannot be done) or BAD (the command is not understood), the response code (RFC 5530 and others) and the text.</summary>
internal readonly record struct ImapErrorText(bool IsBad, string? Code, string Text);

/// <summary>The single table of failure responses.</summary>
internal static class ImapErrors
{
    private const int MaxListedUids = 20;

    public static ImapErrorText TextOf(ImapError refusal) => refusal switch
    {
        ImapError.BadTag => new(true, null, "A command begins with a tag"),
        ImapError.UnknownCommand => new(true, null, "Unknown command"),
        ImapError.Syntax => new(true, null, "Syntax error in the arguments"),
        ImapError.WrongState => new(true, "CLIENTBUG", "Command not allowed in this state"),
        ImapError.LineTooLong => new(true, "LIMIT", "Command line too long"),
        ImapError.LiteralTooBig => new(true, "TOOBIG", "Literals too long"),
        ImapError.MessageTooBig => new(false, "TOOBIG", "Message too large"),
        ImapError.NoSuchMessage => new(true, "CLIENTBUG", "No message of that number"),
        ImapError.BadBase64 => new(true, null, "Malformed response"),
        ImapError.Cancelled => new(true, null, "Authentication cancelled"),
        ImapError.NulInLiteral => new(true, null, "A literal holds no NUL"),
        ImapError.TlsUnavailable => new(false, "UNAVAILABLE", "TLS is not available"),
        ImapError.TlsAlreadyActive => new(true, "CLIENTBUG", "TLS is active already"),
        ImapError.PrivacyRequired => new(false, "PRIVACYREQUIRED", "Start TLS before you sign in"),
        ImapError.UnknownMechanism => new(false, "CANNOT", "Unknown authentication mechanism"),
        ImapError.AuthenticationFailed => new(false, "AUTHENTICATIONFAILED", "Wrong login or password; the login is the whole email address"),
        ImapError.Unavailable => new(false, "UNAVAILABLE", "Not possible at the moment, try again later"),
        ImapError.ReadOnly => new(false, "CANNOT", "The folder is open for reading only"),
        ImapError.BadCharset => new(false, "BADCHARSET (US-ASCII UTF-8)", "Charset not supported"),
        ImapError.BadFolderName => new(false, "CANNOT", "Not a possible folder name"),
        ImapError.NoSuchFolder => new(false, "NONEXISTENT", "No such folder"),
        ImapError.NoSuchTarget => new(false, "TRYCREATE", "No such folder"),
        ImapError.FolderExists => new(false, "ALREADYEXISTS", "The folder exists already"),
        ImapError.InboxNotAllowed => new(false, "CANNOT", "Not possible with INBOX"),
        ImapError.LimitReached => new(false, "LIMIT", "A limit of the mailbox is reached"),
        ImapError.OverQuota => new(false, "OVERQUOTA", "The mailbox is full"),
        ImapError.ExpungeIssued => new(false, "EXPUNGEISSUED", "Some messages have been removed meanwhile"),
        ImapError.NotEnabled => new(true, "CLIENTBUG", "ENABLE QRESYNC comes first"),
        ImapError.NoSuchQuotaRoot => new(false, "NONEXISTENT", "No such quota root"),
        ImapError.PermissionDenied => new(false, "NOPERM", "That is the administrator's to change"),
        ImapError.MessageUnreadable => new(false, "UNAVAILABLE", "These messages cannot be read, UID"),
        ImapError.ResultNotSaved => new(false, "NOTSAVED", "The result is too long to be saved"),
        ImapError.SpecialUseNotPossible => new(false, "USEATTR", "A folder cannot have this special use"),
        ImapError.SpecialUseTaken => new(false, "USEATTR", "Another folder has this special use"),
        ImapError.CompressionActive => new(true, "COMPRESSIONACTIVE", "Compression is active already"),
        ImapError.EmptyMessage => new(false, "CANNOT", "A message is empty"),
        ImapError.TooManyMessages => new(false, "LIMIT", "Too many messages in one command"),
        ImapError.UnknownEncoding => new(false, "UNKNOWN-CTE", "The transfer encoding is not supported"),
        ImapError.CharsetNotAllowed => new(true, "CLIENTBUG", "No charset after ENABLE UTF8=ACCEPT"),
        ImapError.UnknownEvent => new(
            false, "BADEVENT (MessageNew MessageExpunge FlagChange MailboxName SubscriptionChange MailboxMetadataChange ServerMetadataChange)", "Event not supported"),
        ImapError.TagInUse => new(true, "CLIENTBUG", "Another search with this tag is kept up to date"),
        ImapError.TooManyAnnotations => new(false, "METADATA TOOMANY", "Too many annotations"),
        ImapError.TooManyNotifications => new(false, "NOTIFICATIONOVERFLOW", "Too many folders in one command"),
        ImapError.NothingToReplace => new(false, "EXPUNGEISSUED", "The message to replace does not exist"),
        _ => TextOfUrls(refusal),
    };

    private static ImapErrorText TextOfUrls(ImapError refusal) => refusal switch
    {
        ImapError.BadUrl => new(false, "BADURL", "The URL leads to no message of this account, or to no part of it"),
        ImapError.UrlNotSigned => new(true, null, "Not an absolute URL of one of your messages with ;URLAUTH= and an access"),
        ImapError.UnknownUrlMechanism => new(false, "CANNOT", "INTERNAL is the only mechanism"),
        ImapError.TooManyParts => new(false, "LIMIT", "Too many parts in one message"),
        _ => SharingTextOf(refusal),
    };

    private static ImapErrorText SharingTextOf(ImapError refusal) => refusal switch
    {
        ImapError.NoRight => new(false, "NOPERM", "You do not have this right to the folder"),
        ImapError.NotPossible => new(false, "CANNOT", "Not possible with this name, or not between two mailboxes"),
        ImapError.NoSuchAccount => new(false, "NONEXISTENT", "No such account"),
        ImapError.NegativeRights => new(false, "CANNOT", "Negative rights are not supported"),
        _ => throw new ArgumentOutOfRangeException(nameof(refusal), refusal, null),
    };

    /// <summary>For an untagged response: the command succeeded for the messages that still exist (RFC 5530 §3).</summary>
    public static ImapResult SomeRemoved => new("OK", "EXPUNGEISSUED", TextOf(ImapError.ExpungeIssued).Text);

    /// <summary>A NO response that lists the UIDs of unreadable messages, up to a limit.</summary>
    public static ImapResult UnreadableMessages(IReadOnlyList<Uid> uids)
    {
        var (_, code, text) = TextOf(ImapError.MessageUnreadable);
        var named = string.Join(',', uids.Take(MaxListedUids).Select(static u => u.ToString()));
        return new ImapResult("NO", code, $"{text} {named}{(uids.Count > MaxListedUids ? ",..." : "")}");
    }

    /// <summary>A NO response that tells the largest value of an annotation (RFC 5464 §4.3).</summary>
    public static ImapResult LargeAnnotation(int largest) => new("NO", string.Create(CultureInfo.InvariantCulture, $"METADATA MAXSIZE {largest}"), "The value is too large");

    public static ImapError FromMailbox(MailboxRefusal refusal) => refusal switch
    {
        MailboxRefusal.NoSuchFolder => ImapError.NoSuchFolder,
        MailboxRefusal.NoSuchTarget => ImapError.NoSuchTarget,
        MailboxRefusal.FolderExists => ImapError.FolderExists,
        MailboxRefusal.IsInbox => ImapError.InboxNotAllowed,
        MailboxRefusal.LimitReached => ImapError.LimitReached,
        MailboxRefusal.OverQuota => ImapError.OverQuota,
        MailboxRefusal.RoleTaken => ImapError.SpecialUseTaken,
        MailboxRefusal.NoSuchMessage => ImapError.NothingToReplace,
        MailboxRefusal.NoPermission => ImapError.NoRight,
        MailboxRefusal.NotPossible => ImapError.NotPossible,
        MailboxRefusal.TooManyAnnotations => ImapError.TooManyAnnotations,
        _ => ImapError.Unavailable,
    };
}

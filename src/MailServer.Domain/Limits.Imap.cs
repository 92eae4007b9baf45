namespace MailServer.Domain;

// Bounds on IMAP sessions.
public sealed partial record Limits
{
    /// <summary>Maximum length of an IMAP command without its literals.</summary>
    public int ImapCommandLine { get; init; } = 65_536;

    /// <summary>Maximum total size of the literals of an IMAP command, except APPEND.</summary>
    public int ImapCommandLiterals { get; init; } = 65_536;

    /// <summary>Maximum length of an IMAP line before authentication: enough for the longest SASL response in base64.</summary>
    public int ImapSignInLine { get; init; } = 16_384;

    /// <summary>Maximum total size of the literals of an IMAP command before authentication (LOGIN, AUTHENTICATE).</summary>
    public int ImapSignInLiterals { get; init; } = 16_384;

    /// <summary>Maximum nesting of parentheses in an IMAP command (SEARCH keys, lists).</summary>
    public int ImapNesting { get; init; } = 32;

    /// <summary>Maximum number of ranges of consecutive UIDs in a saved search result (RFC 5182); a longer result is refused with NOTSAVED.</summary>
    public int ImapSavedRanges { get; init; } = 100_000;

    /// <summary>Maximum number of messages in one APPEND (RFC 3502); their total size is at most twice <see cref="MaxMessageSize"/>.</summary>
    public int ImapAppendMessages { get; init; } = 100;

    /// <summary>Maximum number of parts of which one message is made (RFC 4469).</summary>
    public int ImapCatenateParts { get; init; } = 1_000;

    /// <summary>IMAP: inactivity after which an authenticated session is closed (RFC 3501 §5.4 requires at least 30 minutes).</summary>
    public TimeSpan ImapInactivityTimeout { get; init; } = TimeSpan.FromMinutes(35);

    /// <summary>IMAP: time within which a client must authenticate.</summary>
    public TimeSpan ImapLoginTimeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Interval of the <c>* OK Still here</c> responses during a quiet IDLE, which keep NAT entries alive.</summary>
    public TimeSpan ImapIdleKeepAlive { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Interval of the INPROGRESS responses during a command that takes long (RFC 9585).</summary>
    public TimeSpan ImapProgress { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Maximum number of changed folders that a session with NOTIFY buffers for its client; beyond that the notifications end (RFC 5465 §5.8).</summary>
    public int NotifyBacklog { get; init; } = 1_000;

    /// <summary>Maximum number of annotations of a folder, and of the mailbox as a whole (RFC 5464 §4.1 requires at least 10).</summary>
    public int Annotations { get; init; } = 100;

    /// <summary>Maximum size of the value of an annotation (RFC 5464 §4.1 requires at least 1,024).</summary>
    public int AnnotationValue { get; init; } = 32 * 1024;

    /// <summary>Maximum total size of the annotations of an account.</summary>
    public long AnnotationOctets { get; init; } = 4 * 1024 * 1024;

    /// <summary>Maximum number of accounts with rights to a folder (RFC 4314).</summary>
    public int FolderGrants { get; init; } = 128;

    /// <summary>Maximum number of ranges of UIDs that the accounts that share a folder have seen, together.</summary>
    public int SeenRanges { get; init; } = 100_000;

    /// <summary>Maximum number of messages in a COPY or MOVE from one mailbox to another.</summary>
    public int CopiedBetweenMailboxes { get; init; } = 1_000;

    /// <summary>Maximum number of mailboxes that LIST asks for folders that they share.</summary>
    public int SharingMailboxes { get; init; } = 1_000;

    /// <summary>Maximum number of searches of a session whose results are kept up to date (RFC 5267 §4.3.1).</summary>
    public int ImapContexts { get; init; } = 16;

    /// <summary>Maximum total number of messages in the results of these searches; each takes 4 octets.</summary>
    public int ImapContextResults { get; init; } = 500_000;
}

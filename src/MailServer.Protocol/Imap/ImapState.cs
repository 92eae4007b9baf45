namespace MailServer.Protocol.Imap;

/// <summary>The session states of RFC 3501 §3, as flags. The command table lists the states in which each command is allowed.</summary>
[Flags]
internal enum ImapState
{
    None = 0,
    NotAuthenticated = 1,
    Authenticated = 2,
    Selected = 4,
    SignedIn = Authenticated | Selected,
    Any = NotAuthenticated | SignedIn,
}

namespace MailServer.Protocol.Imap;

/// <summary>The states of RFC 3501 §3, as bits: the table of commands says in which each may come.</summary>
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

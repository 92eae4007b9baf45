namespace MailServer.Protocol.Imap.Views;

/// <summary>The extensions that a client has switched on, which change responses for the rest of the connection.</summary>
internal sealed class EnabledExtensions
{
    /// <summary>CONDSTORE (RFC 7162 §3.2.4): unsolicited FETCH responses contain UID and MODSEQ.</summary>
    public bool CondStore { get; set; }

    /// <summary>QRESYNC (RFC 7162 §3.2.10): VANISHED responses in place of EXPUNGE.</summary>
    public bool QResync { get; set; }

    /// <summary>IMAP4rev2 (RFC 9051): ESEARCH in place of SEARCH, no RECENT, LIST at SELECT.</summary>
    public bool Rev2 { get; set; }

    /// <summary>UTF8=ACCEPT (RFC 6855).</summary>
    public bool Utf8 { get; set; }

    /// <summary>Names of folders are sent in UTF-8, and <c>&amp;</c> has no special meaning in them.</summary>
    public bool Utf8Names => Rev2 || Utf8;
}

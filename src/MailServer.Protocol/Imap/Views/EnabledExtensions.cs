namespace MailServer.Protocol.Imap.Views;

/// <summary>The extensions that a client has switched on, which change responses for the rest of the connection.</summary>
internal sealed class EnabledExtensions
{
    /// <summary>CONDSTORE (RFC 7162 §3.2.4): unsolicited FETCH responses contain UID and MODSEQ.</summary>
    public bool CondStore { get; set; }

    /// <summary>QRESYNC (RFC 7162 §3.2.10): VANISHED responses in place of EXPUNGE.</summary>
    public bool QResync { get; set; }
}

using System.Buffers;
using System.Text;
using MailServer.Protocol.Imap.Writing;
using MailServer.Protocol.Sasl;

namespace MailServer.Protocol.Imap.Commands;

/// <summary>The capabilities that a session advertises in its current state (RFC 3501 §6.1.1).</summary>
internal static class Capabilities
{
    /// <summary><c>CAPABILITY IMAP4rev1 …</c></summary>
    public static void Write(ref ImapWriter writer, ImapSession session)
    {
        writer.Write("CAPABILITY IMAP4rev1 LITERAL+ SASL-IR ID ENABLE"u8);
        if (session.Account is not null)
        {
            writer.Write(" IDLE NAMESPACE UIDPLUS MOVE UNSELECT SPECIAL-USE CHILDREN QUOTA QUOTA=RES-STORAGE CONDSTORE QRESYNC ESEARCH SEARCHRES WITHIN PARTIAL"u8);
            writer.Write(" SORT SORT=DISPLAY ESORT THREAD=ORDEREDSUBJECT THREAD=REFERENCES LIST-EXTENDED LIST-STATUS STATUS=SIZE CREATE-SPECIAL-USE INPROGRESS MULTIAPPEND APPENDLIMIT="u8);
            writer.Write(session.Limits.MaxMessageSize);
            if (!session.IsCompressed) writer.Write(" COMPRESS=DEFLATE"u8);
            return;
        }

        if (session.Options.TlsAvailable && session.Tls is null) writer.Write(" STARTTLS"u8);
        if (!MayAuthenticate(session))
        {
            writer.Write(" LOGINDISABLED"u8);
            return;
        }

        foreach (var mechanism in SaslMechanisms.Names)
        {
            writer.Write(" AUTH="u8);
            writer.Write(mechanism);
        }
    }

    public static string Text(ImapSession session)
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = new ImapWriter(output);
        Write(ref writer, session);
        writer.Commit();
        return Encoding.ASCII.GetString(output.WrittenSpan);
    }

    /// <summary>Passwords are accepted under TLS, or in clear text when the configuration allows it.</summary>
    public static bool MayAuthenticate(ImapSession session) => session.Tls is not null || !session.Options.RequireTls;
}

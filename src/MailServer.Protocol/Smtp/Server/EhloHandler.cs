using System.Globalization;
using System.Text;
using MailServer.Domain.Delivery;
using MailServer.Protocol.Sasl;

namespace MailServer.Protocol.Smtp.Server;

/// <summary>EHLO and HELO (RFC 5321 §4.1.1.1): the client's name and the offered extensions. Like RSET, it ends a transaction.</summary>
internal static class EhloHandler
{
    private const int MaxName = 255;

    public static IEnumerable<SmtpEffect?> Ehlo(SmtpSession session, ReadOnlyMemory<byte> arguments) => Run(session, arguments, extended: true);

    public static IEnumerable<SmtpEffect?> Helo(SmtpSession session, ReadOnlyMemory<byte> arguments) => Run(session, arguments, extended: false);

    private static IEnumerable<SmtpEffect?> Run(SmtpSession session, ReadOnlyMemory<byte> arguments, bool extended)
    {
        if (!TryReadName(arguments.Span, out var name))
        {
            session.Reply(SmtpReplies.BadHelo);
            yield break;
        }

        session.HeloName = name;
        session.IsExtended = extended;
        session.State = SmtpState.Greeted;
        if (session.Transaction.Content is not null) yield return new SmtpEffect.DiscardMessage();
        session.EndTransaction();
        session.Reply(new SmtpReply(250, "", extended ? Offer(session) : session.Options.Hostname));
    }

    // Lenient, because many clients do not know their own name. It is only used for the Received field.
    private static bool TryReadName(ReadOnlySpan<byte> arguments, out string name)
    {
        var token = arguments.Trim((byte)' ');
        var space = token.IndexOf((byte)' ');
        if (space >= 0) token = token[..space];
        name = Encoding.ASCII.GetString(token);
        return token.Length is > 0 and <= MaxName && !token.ContainsAnyExceptInRange((byte)'!', (byte)'~');
    }

    private static string Offer(SmtpSession session)
    {
        var limits = session.Limits;
        var offer = new StringBuilder(session.Options.Hostname, 256);
        offer.Append("\nPIPELINING\nSIZE ").Append(CultureInfo.InvariantCulture, $"{limits.MaxMessageSize}");
        offer.Append("\n8BITMIME\nSMTPUTF8\nCHUNKING\nENHANCEDSTATUSCODES\nDSN");
        if (session.OffersTls) offer.Append("\nSTARTTLS");
        if (session.OffersAuthentication) offer.Append("\nAUTH ").AppendJoin(' ', SaslMechanisms.NamesFor(session.Tls));
        WriteEnvelopeOptions(offer, session);
        // RFC 9422 §3
        offer.Append(CultureInfo.InvariantCulture, $"\nLIMITS MAILMAX={limits.SmtpTransactions} RCPTMAX={limits.SmtpRecipients}");
        return offer.ToString();
    }

    private static void WriteEnvelopeOptions(StringBuilder text, SmtpSession session)
    {
        var offer = session.OfferedEnvelopeOptions;
        if (offer.RequireTls) text.Append("\nREQUIRETLS");
        if (offer.DeliverBy) text.Append("\nDELIVERBY");
        if (offer.Priority) text.Append("\nMT-PRIORITY");
        // RFC 4865 §3
        if (offer.MaxHold > TimeSpan.Zero)
            text.Append(CultureInfo.InvariantCulture, $"\nFUTURERELEASE {(long)offer.MaxHold.TotalSeconds} {session.Now + offer.MaxHold:yyyy-MM-dd'T'HH:mm:ss'Z'}");
    }
}

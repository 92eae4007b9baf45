using MailServer.Protocol.Observation;
using MailServer.Protocol.Smtp.Content;

namespace MailServer.Protocol.Smtp.Server;

/// <summary>DATA (RFC 5321 §4.1.1.4). A malformed message is discarded at once but read to its end, where the refusal is sent.</summary>
internal static class DataHandler
{
    public static IEnumerable<SmtpEffect?> Run(SmtpSession session, ReadOnlyMemory<byte> arguments)
    {
        if (!arguments.IsEmpty)
        {
            session.Reply(SmtpReplies.NoArguments);
            yield break;
        }

        yield return new SmtpEffect.BeginMessage();
        session.State = SmtpState.Data;
        session.Reply(SmtpReplies.StartMail);
        var decoder = new DotDecoder(session.Limits);
        var discarded = false;
        bool ended;
        do
        {
            ended = session.Decode(decoder);
            if (decoder.Error != MessageDataError.None && !discarded)
            {
                discarded = true;
                yield return new SmtpEffect.DiscardMessage();
            }

            if (!ended && session.Transaction.ContentOctets > session.MaxContent)
            {
                session.Reply(SmtpReplies.MessageTooLarge);
                yield return new SmtpEffect.Close();
                yield break;
            }

            if (!ended) yield return null;
        }
        while (!ended);

        if (session.Observer.IsWatched) session.Observer.LineReceived(RedactedText.Placeholder("message", session.Transaction.ContentOctets));
        if (discarded)
        {
            session.Reply(SmtpReplies.For(decoder.Error));
            session.EndTransaction();
            yield break;
        }

        foreach (var effect in MessageAcceptance.Run(session)) yield return effect;
    }
}

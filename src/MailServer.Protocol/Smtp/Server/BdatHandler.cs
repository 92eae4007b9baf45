using System.Buffers.Text;
using System.Text;
using MailServer.Protocol.Observation;
using MailServer.Protocol.Smtp.Content;

namespace MailServer.Protocol.Smtp.Server;

/// <summary>
/// BDAT size [LAST] (RFC 3030 §2). The octets follow even if the command is refused, so they are always consumed; a size beyond any message closes
/// the connection. After a refused chunk the transaction is over, and pipelined chunks get 503.
/// </summary>
internal static class BdatHandler
{
    public static IEnumerable<SmtpEffect?> Run(SmtpSession session, ReadOnlyMemory<byte> arguments)
    {
        if (!TryRead(arguments.Span, out var size, out var last))
        {
            session.Reply(SmtpReplies.BadChunkSize);
            yield break;
        }

        if (size > session.MaxContent)
        {
            session.Reply(SmtpReplies.MessageTooLarge);
            if (session.State == SmtpState.Chunks) yield return new SmtpEffect.DiscardMessage();
            yield return new SmtpEffect.Close();
            yield break;
        }

        var inTransaction = (session.State & (SmtpState.Recipients | SmtpState.Chunks)) != 0;
        if (inTransaction && session.Transaction.Chunks is null)
        {
            yield return new SmtpEffect.BeginMessage();
            session.Transaction.Chunks = new ChunkDecoder(session.Limits);
            session.State = SmtpState.Chunks;
        }

        var decoder = session.Transaction.Chunks ?? new ChunkDecoder(session.Limits);
        decoder.Begin(size);
        var discarded = !inTransaction;
        bool ended;
        do
        {
            ended = session.Decode(decoder);
            if (ended && last) decoder.End();
            if (decoder.Error != MessageDataError.None && !discarded)
            {
                discarded = true;
                yield return new SmtpEffect.DiscardMessage();
            }

            if (!ended) yield return null;
        }
        while (!ended);

        if (session.Observer.IsWatched) session.Observer.LineReceived(RedactedText.Placeholder("chunk", size));
        foreach (var effect in Conclude(session, inTransaction, decoder.Error, size, last)) yield return effect;
    }

    private static IEnumerable<SmtpEffect?> Conclude(SmtpSession session, bool inTransaction, MessageDataError fault, long size, bool last)
    {
        if (!inTransaction)
        {
            session.Reply(SmtpReplies.ChunkWithoutRecipients);
            return [];
        }

        if (fault != MessageDataError.None)
        {
            session.Reply(SmtpReplies.For(fault));
            session.EndTransaction();
            return [];
        }

        if (last) return MessageAcceptance.Run(session);
        session.Reply(SmtpReplies.ChunkOk(size));
        return [];
    }

    private static bool TryRead(ReadOnlySpan<byte> arguments, out long size, out bool last)
    {
        last = false;
        if (!Utf8Parser.TryParse(arguments, out size, out var used) || size < 0 || arguments[0] is < (byte)'0' or > (byte)'9') return false;
        var rest = arguments[used..].Trim((byte)' ');
        last = Ascii.EqualsIgnoreCase(rest, "LAST"u8);
        return last || rest.IsEmpty;
    }
}

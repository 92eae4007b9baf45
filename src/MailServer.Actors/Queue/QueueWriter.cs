using System.Text;
using MailServer.Domain.Addresses;
using MailServer.Domain.Delivery;
using MailServer.Domain.Messages;

namespace MailServer.Actors.Queue;

/// <summary>Writes the values of the queue: variable-length numbers, length-prefixed strings, times in UTC ticks. <see cref="QueueReader"/> reads them.</summary>
internal sealed class QueueWriter : IDisposable
{
    /// <summary>Offset that makes priorities positive.</summary>
    public const int PriorityShift = 16;

    private readonly MemoryStream _bytes = new();
    private readonly BinaryWriter _writer;

    public QueueWriter() => _writer = new BinaryWriter(_bytes, Encoding.UTF8);

    public byte[] ToArray()
    {
        _writer.Flush();
        return _bytes.ToArray();
    }

    public void Dispose()
    {
        _writer.Dispose();
        _bytes.Dispose();
    }

    public void Write(int value) => _writer.Write7BitEncodedInt(value);

    public void Write(bool value) => _writer.Write(value);

    public void Write(SpoolId id) => _writer.Write(id.Value);

    public void Write(DateTimeOffset time) => _writer.Write(time.UtcTicks);

    public void WriteList<T>(IReadOnlyCollection<T> list, Action<T> write)
    {
        Write(list.Count);
        foreach (var value in list) write(value);
    }

    public void Write(QueueEvent.Attempted attempted)
    {
        Write(attempted.Id);
        Write(attempted.At);
        _writer.Write(attempted.Host);
        _writer.Write(attempted.Tls);
        WriteList(attempted.Results, Write);
    }

    /// <summary>Writes an item that is already in the journal's format.</summary>
    public void Write(byte[] packed)
    {
        Write(packed.Length);
        _writer.Write(packed);
    }

    public void Write(QueueItem item)
    {
        Write(item.Message);
        WriteOptional(item.MessageId);
        WriteOptional(item.Sender?.ToString());
        Write(item.QueuedAt);
        _writer.Write7BitEncodedInt64(item.Size);
        Write(item.PrefixLength);
        var flags = (item.EightBit ? 1 : 0) | (item.SmtpUtf8 ? 2 : 0) | (item.IsHeld ? 4 : 0) | (item.RequireTls ? 8 : 0) | (item.TlsOptional ? 16 : 0);
        Write(flags | (item.DeliverBy is null ? 0 : 32) | (item.Priority == 0 ? 0 : 64) | (item.HoldUntil is null ? 0 : 128));
        Write((int)item.Return);
        WriteOptional(item.EnvelopeId);
        if (item.DeliverBy is { } by)
        {
            Write(by.Deadline);
            Write((by.Return ? 1 : 0) | (by.Trace ? 2 : 0));
        }

        if (item.Priority != 0) Write(item.Priority + PriorityShift);
        if (item.HoldUntil is { } until) Write(until);
        WriteList(item.Recipients, Write);
    }

    private void Write(QueueRecipient recipient)
    {
        Write(recipient.Address);
        Write((int)recipient.Notify);
        WriteOptional(recipient.OriginalRecipient);
        Write((int)recipient.State);
        Write(recipient.Attempts);
        Write(recipient.NextAttempt);
        Write((recipient.DsnPending ? 1 : 0) | (recipient.DelayNotified ? 2 : 0) | (recipient.LastAttempt is null ? 0 : 4) | (recipient.Mailbox is null ? 0 : 8) | (recipient.Quarantined ? 16 : 0));
        if (recipient.Mailbox is { } mailbox) _writer.Write7BitEncodedInt64(mailbox.Value);
        if (recipient.LastAttempt is not { } last) return;
        Write(last.At);
        _writer.Write(last.Host);
        _writer.Write(last.Tls);
        Write(last.Reply);
    }

    private void Write(EmailAddress address) => _writer.Write(address.ToString());

    private void Write(AttemptResult result)
    {
        Write(result.Recipient);
        Write((int)result.State);
        Write(result.Reply);
        Write(result.Next);
        Write(result.NoticeDue);
    }

    private void Write(SmtpReply reply)
    {
        Write(reply.Code);
        _writer.Write(reply.EnhancedCode);
        _writer.Write(reply.Text);
    }

    private void WriteOptional(string? text)
    {
        Write(text is not null);
        if (text is not null) _writer.Write(text);
    }
}

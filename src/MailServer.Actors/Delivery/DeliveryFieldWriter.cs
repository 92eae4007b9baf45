using System.Buffers;
using MailServer.Domain.Delivery;
using MailServer.Protocol.Smtp.Headers;

namespace MailServer.Actors.Delivery;

/// <summary>Writes the fields in front of a message: Return-Path, signature or seal, Received, the verdict, and the fields that a submission lacks.</summary>
internal sealed class DeliveryFieldWriter(DeliveryServices services)
{
    private readonly TraceFields _trace = new(services.Hostname, services.Time);

    public DeliveryFields Write(PreparedMessage prepared)
    {
        var (accept, fields) = (prepared.Accept, prepared.Fields!);
        var transaction = accept.Transaction;
        var now = services.Time.GetLocalNow();
        var output = new ArrayBufferWriter<byte>(1024);
        TraceFields.WriteReturnPath(output, transaction.Sender);
        var returnPath = output.WrittenCount;
        var missing = new ArrayBufferWriter<byte>(256);
        if (transaction.Policy == SessionPolicy.Submission)
        {
            fields.WriteMissing(missing, now, accept.Content.Id.Value, services.Hostname);
            using var content = accept.Content.OpenContent();
            services.Signer?.Sign(output, fields.From![0].Domain, missing.WrittenSpan, content, now, services.Limits.MaxHeaderSize);
        }
        else if (prepared.Destinations.Remote.Count > 0)
        {
            using var content = accept.Content.OpenContent();
            services.Forwarding.Seal(output, prepared, content, now);
        }

        var isSigned = transaction.Policy == SessionPolicy.Submission && output.WrittenCount > returnPath;
        _trace.WriteReceived(output, transaction, accept.Content.Id.Value, prepared.Verdict?.ReverseName);
        prepared.WriteVerdict(output, services.Hostname);
        output.Write(missing.WrittenSpan);
        return new DeliveryFields(output.WrittenMemory, returnPath, isSigned);
    }
}

/// <summary>The fields written in front of a message.</summary>
/// <param name="Octets">All fields.</param>
/// <param name="ReturnPath">Length of the Return-Path field, which is for mailboxes only.</param>
/// <param name="IsSigned">The message is a submission with a DKIM signature.</param>
internal sealed record DeliveryFields(ReadOnlyMemory<byte> Octets, int ReturnPath, bool IsSigned);

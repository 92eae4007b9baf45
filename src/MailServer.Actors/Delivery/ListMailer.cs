using System.Buffers;
using System.Globalization;
using System.Text;
using MailServer.Actors.Queue;
using MailServer.Domain.Addresses;
using MailServer.Domain.Delivery;
using MailServer.Domain.Messages;
using MailServer.Protocol.MailingLists;
using MailServer.Protocol.Smtp.Headers;

namespace MailServer.Actors.Delivery;

/// <summary>
/// Writes the copies that mailing lists send to their members: one message for each list, with one envelope for all members, whose sender is the address for bounces. The ids follow from the
/// message, so the queue accepts each copy once.
/// </summary>
internal sealed class ListMailer(DeliveryServices services)
{
    /// <summary>
    /// Makes the copies durable, so that they will be sent even if the server is killed now. Returns what the queue must be told. After an exception nothing is left behind.
    /// </summary>
    /// <exception cref="IOException">The spool cannot be written.</exception>
    public IReadOnlyList<QueueItem> Write(SpooledMessage message, PreparedMessage prepared)
    {
        var items = new List<QueueItem>();
        var isComplete = false;
        try
        {
            foreach (var (index, post) in prepared.Posts.Index())
                if (post.Count > 0) items.Add(Write(message, prepared, post, IdOf(message.Id, index)));
            if (items.Count > 0) services.Spool.SyncNames();
            isComplete = true;
            return items;
        }
        finally
        {
            if (!isComplete)
                foreach (var item in items) services.Spool.Remove(item.Message);
        }
    }

    /// <summary>The id of the copy for one of the lists of a message.</summary>
    public static SpoolId IdOf(SpoolId message, int index) => message.Derive(string.Create(CultureInfo.InvariantCulture, $"L{index}"));

    /// <summary>False while a copy could not be signed.</summary>
    public bool CanSign(PreparedMessage prepared) =>
        services.Signer is not { } signer || prepared.Posts.All(p => p.Count == 0 || (signer.CanSign(p.List.Address.Domain) && (p.OwnAuthorDomain is not { } own || signer.CanSign(own))));

    private QueueItem Write(SpooledMessage message, PreparedMessage prepared, ListPost post, SpoolId id)
    {
        using var content = services.Spool.Open(message.Id);
        var header = HeaderSectionReader.Read(content, services.Limits.MaxHeaderSize) ?? throw new IOException("the header section is too long");
        using var buffer = services.Spool.BeginAttempt(id);
        buffer.Write(ListHeader.Write(header, post.List, post.RewrittenAuthor));
        const int Block = 32 * 1024;
        for (long at = header.Length; content.Read(at, buffer.GetSpan(Block)[..Block]) is > 0 and var read; at += read) buffer.Advance(read);
        var prefix = new ArrayBufferWriter<byte>(1024);
        TraceFields.WriteReturnPath(prefix, post.List.BounceAddress);
        var skip = prefix.WrittenCount;
        using (var copy = buffer.OpenContent()) Sign(prefix, header, prepared, post, copy);
        var attempt = services.Spool.Commit(buffer, prefix.WrittenSpan);
        try
        {
            var item = ItemOf(attempt, skip, prepared, post);
            services.Spool.Publish(attempt);
            services.Spool.Envelopes.Write(item.Message, QueueEnvelope.Encode(new QueueEvent.Queued(item)));
            return item;
        }
        catch
        {
            services.Spool.Remove(attempt.Id);
            services.Spool.Remove(id);
            throw;
        }
    }

    /// <summary>Signs for the list, and for the domain of our user who wrote the message: then its DMARC passes although the list sends it.</summary>
    private void Sign(ArrayBufferWriter<byte> prefix, byte[] header, PreparedMessage prepared, ListPost post, MessageContent copy)
    {
        var now = services.Time.GetLocalNow();
        if (prepared.Verdict is not null) services.Forwarding.Seal(prefix, header, post.List.Address.Domain, copy, now);
        var domains = new[] { post.List.Address.Domain, post.OwnAuthorDomain }.OfType<string>().Distinct(StringComparer.Ordinal);
        foreach (var domain in domains) services.Signer?.Sign(prefix, domain, [], copy, now, services.Limits.MaxHeaderSize);
    }

    private QueueItem ItemOf(SpooledMessage attempt, int skip, PreparedMessage prepared, ListPost post)
    {
        var options = prepared.Accept.Transaction.Options;
        var now = attempt.ReceivedAt.ToUniversalTime();
        var first = options.HoldUntil is { } until && until > now ? until : now;
        var needsUtf8 = prepared.Fields!.HasUtf8 || post.Members!.Remote.Keys.Any(static a => !Ascii.IsValid(a.Local));
        return new QueueItem
        {
            Message = new SpoolId(attempt.Id.Base),
            MessageId = QueueItemFactory.MessageIdOf(attempt, prepared, services.Hostname),
            Sender = post.List.BounceAddress,
            QueuedAt = now,
            Size = attempt.Size - skip,
            PrefixLength = skip,
            EightBit = QueueItemFactory.HasEightBit(services, attempt, skip),
            SmtpUtf8 = needsUtf8,
            RequireTls = options.RequireTls,
            TlsOptional = !options.RequireTls && prepared.Fields!.TlsOptional,
            HoldUntil = options.HoldUntil,
            Recipients =
            [
                .. post.Members!.Remote.Select(r => RecipientOf(r.Key, first)),
                .. post.Members.Accounts.Select(a => RecipientOf(a.Value, first) with { Mailbox = a.Key }),
            ],
        };
    }

    private static QueueRecipient RecipientOf(EmailAddress address, DateTimeOffset first) => new() { Address = address, NextAttempt = first };
}

using MailServer.Domain;
using MailServer.Domain.Mailboxes;
using MailServer.Domain.Messages;
using MailServer.Domain.Ordering;
using MailServer.Protocol.Messages;

namespace MailServer.Protocol.Tests.Imap;

/// <summary>SORT and THREAD for the <see cref="ImapTestMailbox"/>, with the values that the server itself reads from messages.</summary>
internal static class TestOrdering
{
    private static readonly MessageFormat Format = new(Limits.Default);

    public static IReadOnlyList<Uid> Sort(List<TestMessage> messages, IReadOnlyList<SortCriterion> order)
    {
        var values = messages.ConvertAll(ValuesOf);
        var columns = order.Select(criterion => criterion.Key switch
        {
            SortKey.Arrival => new SortColumn([.. messages.Select(m => m.Date.ToUnixTimeSeconds())], criterion.Reverse),
            SortKey.Size => new SortColumn([.. messages.Select(m => (long)m.Octets.Length)], criterion.Reverse),
            SortKey.Date => new SortColumn([.. messages.Select((m, i) => SentTime(m, values[i]))], criterion.Reverse),
            _ => new SortColumn([.. values.Select(v => TextOf(v, criterion.Key))], criterion.Reverse),
        });
        return [.. MessageSorter.Sort(messages.Count, [.. columns]).Select(at => messages[at].Uid)];
    }

    public static IReadOnlyList<ThreadMember> Thread(List<TestMessage> messages, ThreadAlgorithm algorithm)
    {
        var ids = new Dictionary<string, int>(StringComparer.Ordinal);
        var threaded = messages.ConvertAll(message =>
        {
            var values = ValuesOf(message);
            return new ThreadMessage(
                SentTime(message, values), values.Subject, values.IsReply, values.MessageId is { } id ? NumberOf(id) : -1, values.References.Select(NumberOf).ToArray());
        });
        var threads = algorithm == ThreadAlgorithm.References ? ReferenceThreads.Build(threaded) : SubjectThreads.Build(threaded);
        return [.. threads.Select(t => t.Number == 0 ? t : t with { Number = messages[(int)t.Number - 1].Uid.Value })];

        int NumberOf(string id)
        {
            ids.TryAdd(id, ids.Count);
            return ids[id];
        }
    }

    private static OrderValues ValuesOf(TestMessage message) => Format.ReadOrderValues(message.Summary.Headers.Span, (OrderFields)255);

    private static long SentTime(TestMessage message, OrderValues values) => (values.SentTime ?? message.Date).ToUnixTimeSeconds();

    private static string TextOf(OrderValues values, SortKey key) => key switch
    {
        SortKey.Subject => values.Subject,
        SortKey.From => values.From,
        SortKey.To => values.To,
        SortKey.Cc => values.Cc,
        SortKey.DisplayFrom => values.DisplayFrom,
        _ => values.DisplayTo,
    };
}

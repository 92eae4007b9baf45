using System.Runtime.InteropServices;

namespace MailServer.Domain.Ordering;

/// <summary>THREAD=ORDEREDSUBJECT (RFC 5256 §3): messages with the same base subject, ordered by date; the first is the parent of the others.</summary>
public static class SubjectThreads
{
    /// <param name="messages">The messages in mailbox order; the numbers of the result are their positions from 1.</param>
    public static IReadOnlyList<ThreadMember> Build(IReadOnlyList<ThreadMessage> messages)
    {
        ArgumentNullException.ThrowIfNull(messages);
        var byDate = MessageSorter.Sort(messages.Count, [new SortColumn([.. messages.Select(static m => m.Sent)], reverse: false)]);
        var threads = new List<List<int>>();
        var bySubject = new Dictionary<string, List<int>>(StringComparer.Ordinal);
        foreach (var message in byDate)
        {
            // The oldest message of a thread comes first, so the threads arise in the order of their first messages.
            ref var thread = ref CollectionsMarshal.GetValueRefOrAddDefault(bySubject, messages[message].Subject, out var isKnown);
            if (!isKnown) threads.Add(thread = []);
            thread!.Add(message);
        }

        var members = new List<ThreadMember>(messages.Count);
        foreach (var thread in threads)
            for (var at = 0; at < thread.Count; at++) members.Add(new ThreadMember((uint)thread[at] + 1, at == 0 ? 0 : 1));
        return members;
    }
}

using System.Threading.Channels;

namespace MailServer.Storage.Journal;

/// <summary>
/// Writes events to the journal. What arrives during a commit shares the next one, so one flush of the disk serves hundreds of messages. After
/// <see cref="Dispose"/> what has been accepted is still written.
/// </summary>
public sealed class JournalWriter : IDisposable
{
    /// <summary>Maximum number of events of one commit; one more call may exceed it.</summary>
    private const int MostAtOnce = 400;

    private readonly JournalDatabase _database;
    private readonly Channel<Request> _requests = Channel.CreateUnbounded<Request>();

    /// <param name="database">The journal.</param>
    /// <param name="writers">How many commits may run at the same time.</param>
    public JournalWriter(JournalDatabase database, int writers)
    {
        _database = database;
        for (var i = 0; i < writers; i++) _ = WriteAsync();
    }

    /// <summary>Completes when the events are stored, all or none of them.</summary>
    public Task AppendAsync(IReadOnlyList<JournalEntry> entries)
    {
        var request = new Request(entries);
        if (!_requests.Writer.TryWrite(request)) request.Done.SetException(new ObjectDisposedException(nameof(JournalWriter)));
        return request.Done.Task;
    }

    public void Dispose() => _requests.Writer.TryComplete();

    private async Task WriteAsync()
    {
        while (await _requests.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            var batch = Take();
            if (batch.Count == 0) continue;
            Exception? failure = null;
            try
            {
                _database.Append([.. batch.SelectMany(static request => request.Entries)]);
            }
            catch (Exception e)
            {
                failure = e;
            }

            foreach (var request in batch)
            {
                if (failure is null) request.Done.SetResult();
                else request.Done.SetException(failure);
            }
        }
    }

    private List<Request> Take()
    {
        var batch = new List<Request>();
        for (var count = 0; count < MostAtOnce && _requests.Reader.TryRead(out var request); count += request.Entries.Count) batch.Add(request);
        return batch;
    }

    private sealed record Request(IReadOnlyList<JournalEntry> Entries)
    {
        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}

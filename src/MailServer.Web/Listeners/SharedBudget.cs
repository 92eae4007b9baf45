namespace MailServer.Web.Listeners;

/// <summary>
/// An amount, such as octets of memory, that parallel requests share. Requests for which too little is left wait in order, so a large one is not
/// overtaken for ever by small ones.
/// </summary>
internal sealed class SharedBudget(long total, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly LinkedList<(long Amount, TaskCompletionSource Granted)> _waiting = [];
    private long _left = total;

    public long Total { get; } = total;

    /// <summary>What nobody uses at the moment.</summary>
    public long Left
    {
        get
        {
            lock (_gate) return _left;
        }
    }

    /// <summary>Takes an amount if it is available and nobody waits.</summary>
    public bool TryTake(long amount)
    {
        lock (_gate)
        {
            if (_waiting.Count > 0 || amount > _left) return false;
            _left -= amount;
            return true;
        }
    }

    /// <summary>Takes an amount, and waits for it if necessary; false if it is not available within <paramref name="patience"/>.</summary>
    public async Task<bool> TakeAsync(long amount, TimeSpan patience, CancellationToken cancel)
    {
        LinkedListNode<(long Amount, TaskCompletionSource Granted)> place;
        lock (_gate)
        {
            if (TryTake(amount)) return true;
            place = _waiting.AddLast((amount, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)));
        }

        try
        {
            await place.Value.Granted.Task.WaitAsync(patience, time, cancel);
            return true;
        }
        catch (TimeoutException)
        {
            return !TryLeave(place);
        }
        catch (OperationCanceledException)
        {
            if (!TryLeave(place)) Return(amount);
            throw;
        }
    }

    /// <summary>Gives back what was taken.</summary>
    public void Return(long amount)
    {
        lock (_gate)
        {
            _left += amount;
            Grant();
        }
    }

    /// <summary>Stops waiting; false if the amount was granted in the meantime.</summary>
    private bool TryLeave(LinkedListNode<(long Amount, TaskCompletionSource Granted)> place)
    {
        lock (_gate)
        {
            if (place.List is null) return false;
            _waiting.Remove(place);
            Grant();
            return true;
        }
    }

    private void Grant()
    {
        while (_waiting.First is { } first && first.Value.Amount <= _left)
        {
            _left -= first.Value.Amount;
            _waiting.RemoveFirst();
            first.Value.Granted.SetResult();
        }
    }
}

using MailServer.Domain.Formatting;
using MailServer.Domain.Health;

namespace MailServer.Actors.Entities;

/// <summary>
/// Counts the account databases that this node has open, and refuses more than the limit of open files allows: each mailbox in use holds two files.
/// A node that is short of them is reported. Thread-safe.
/// </summary>
public sealed class OpenStores(int most, NodeProblems problems)
{
    internal const string Subject = "open mailboxes";

    private int _count;

    /// <summary>No limit.</summary>
    public static OpenStores Unlimited { get; } = new(int.MaxValue, new NodeProblems());

    /// <summary>Counts a database that is about to be opened. <see cref="Leave"/> must follow when it is closed.</summary>
    /// <exception cref="TooManyOpenStoresException">Too many are open.</exception>
    public void Enter()
    {
        if (Interlocked.Increment(ref _count) <= most) return;
        Interlocked.Decrement(ref _count);
        problems.Report(new NodeProblem(
            Subject, $"{Quantity.Of(most, "mailbox database")} and calendar databases are open, which is all that the limit of open files allows: other accounts are unavailable, and their mail waits",
            "raise the limit ('ulimit -n', or LimitNOFILE= of the systemd unit) and restart the server"));
        throw new TooManyOpenStoresException("too many mailboxes are in use for the limit of open files");
    }

    public void Leave()
    {
        // With some distance, so that the report does not come and go with every request.
        if (Interlocked.Decrement(ref _count) < most - (most / 8)) problems.Clear(Subject);
    }
}

/// <summary>The database of an account was not opened because too many are open (<see cref="OpenStores"/>); the cause is reported there.</summary>
public sealed class TooManyOpenStoresException(string message) : IOException(message);

namespace MailServer.Domain.Delivery;

/// <summary>A pause of outgoing mail: to one domain, or to all other servers. Nothing is sent there until an administrator resumes it.</summary>
/// <param name="Domain">The domain of the recipients, normalised; <see cref="Everything"/> for all mail to other servers.</param>
/// <param name="Since">When it began.</param>
/// <param name="Reason">The reason, shown to administrators; empty if none was given.</param>
public sealed record QueuePause(string Domain, DateTimeOffset Since, string Reason)
{
    /// <summary>Stands for all domains.</summary>
    public const string Everything = "*";

    public bool IsOfEverything => Domain == Everything;
}

/// <summary>Persistent storage of pauses. Every change is durable when the call returns.</summary>
public interface IQueuePauseStore
{
    IReadOnlyList<QueuePause> LoadPauses();

    void SavePause(QueuePause pause);

    void RemovePause(string domain);
}

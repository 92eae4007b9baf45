namespace MailServer.Actors.Mailboxes;

/// <summary>How long changes may wait for their flush: a second after the reply they are durable (docs/durability.md), many with one flush.</summary>
internal sealed class FlushWindow(TimeProvider time)
{
    /// <summary>Time between a change and its flush; leaves the rest of the second to the disk.</summary>
    public static readonly TimeSpan Usual = TimeSpan.FromMilliseconds(400);

    /// <summary>Time between a failed flush and the next one.</summary>
    public static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(10);

    private long _since;

    /// <summary>Length of the window.</summary>
    public TimeSpan Length { get; private set; } = Usual;

    /// <summary>True if a change that waits since <see cref="Begin"/> must be flushed now.</summary>
    public bool IsOver => time.GetElapsedTime(_since) >= Length;

    /// <summary>Called for the first change that waits.</summary>
    public void Begin() => _since = time.GetTimestamp();

    public void Succeeded() => Length = Usual;

    public void Failed()
    {
        Length = AfterFailure;
        Begin();
    }
}

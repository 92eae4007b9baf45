namespace MailServer.Configuration;

/// <summary>Section <c>queue</c>.</summary>
public sealed record QueueOptions
{
    [Key("Retries before a message is returned to its sender.", Max = 1000)]
    public int MaxRetries { get; init; } = 30;

    [Key("The age at which a message is returned to its sender.")]
    public TimeSpan RetryMaxAge { get; init; } = TimeSpan.FromDays(5);

    [Key("The delay before the first retry. It doubles with each further retry.")]
    public TimeSpan RetryFirst { get; init; } = TimeSpan.FromMinutes(5);

    [Key("The longest delay between two retries.")]
    public TimeSpan RetryLongest { get; init; } = TimeSpan.FromHours(4);

    [Key("The age at which the sender is notified that a message is delayed.")]
    public TimeSpan DelayNotice { get; init; } = TimeSpan.FromHours(4);
}

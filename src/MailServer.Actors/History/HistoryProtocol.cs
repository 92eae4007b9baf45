using MailServer.Domain.Measurements;

namespace MailServer.Actors.History;

/// <summary>Messages of <see cref="HistoryActor"/>.</summary>
internal static class HistoryProtocol
{
    /// <summary>Requests the points of a period. Reply: <see cref="Points"/>.</summary>
    public sealed record Read(HistorySpan Span);

    /// <summary>The points of a period, oldest first, without those in which nothing was recorded.</summary>
    public sealed record Points(IReadOnlyList<HistoryPoint> Values);

    /// <summary>A minute has passed.</summary>
    public sealed class Tick
    {
        public static Tick Instance { get; } = new();
    }

    /// <summary>The number of messages in the queue.</summary>
    public sealed record QueueCounted(long Messages);
}

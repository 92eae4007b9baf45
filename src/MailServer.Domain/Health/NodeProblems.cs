using System.Collections.Concurrent;

namespace MailServer.Domain.Health;

/// <summary>
/// The current problems of this node. Whoever meets a problem reports it here and clears it once it is gone; <c>status</c>, <c>doctor</c>,
/// <c>/health</c>, <c>/ready</c>, the web page and the log show the same list. Safe for use from any thread.
/// </summary>
public sealed class NodeProblems
{
    private readonly ConcurrentDictionary<string, NodeProblem> _bySubject = new(StringComparer.Ordinal);

    /// <summary>Called with true when a problem is new or has changed, and with false when it is gone.</summary>
    public Action<NodeProblem, bool>? Changed { get; init; }

    /// <summary>Every current problem, those that stop the service first.</summary>
    public IReadOnlyList<NodeProblem> Current =>
        [.. _bySubject.Values.OrderByDescending(static p => p.StopsService).ThenBy(static p => p.Subject, StringComparer.Ordinal)];

    public bool StopService => _bySubject.Values.Any(static p => p.StopsService);

    /// <summary>Adds a problem, or replaces the one with the same subject.</summary>
    public void Report(NodeProblem problem)
    {
        ArgumentNullException.ThrowIfNull(problem);
        NodeProblem? before = null;
        _bySubject.AddOrUpdate(
            problem.Subject,
            static (_, added) => added,
            (_, existing, added) =>
            {
                before = existing;
                return added;
            },
            problem);
        if (before != problem) Changed?.Invoke(problem, true);
    }

    /// <summary>Removes the problem with this subject, if there is one.</summary>
    public void Clear(string subject)
    {
        if (_bySubject.TryRemove(subject, out var problem)) Changed?.Invoke(problem, false);
    }
}

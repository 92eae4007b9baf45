using System.Collections.Concurrent;

namespace MailServer.Domain.Health;

/// <summary>
/// The current problems of this node. The component that detects a problem reports it here and clears it when it is resolved.
/// <c>status</c>, <c>doctor</c>, <c>/health</c>, <c>/ready</c>, the web page and the log all show this list. Safe for use from any thread.
/// </summary>
public sealed class NodeProblems
{
    private readonly ConcurrentDictionary<string, NodeProblem> _bySubject = new(StringComparer.Ordinal);

    /// <summary>Called with true when a problem appears or changes, and with false when it is cleared.</summary>
    public Action<NodeProblem, bool>? Changed { get; init; }

    /// <summary>All current problems, those that stop the service first.</summary>
    public IReadOnlyList<NodeProblem> Current =>
        [.. _bySubject.Values.OrderByDescending(static p => p.StopsService).ThenBy(static p => p.Subject, StringComparer.Ordinal)];

    public bool StopService => _bySubject.Values.Any(static p => p.StopsService);

    /// <summary>Adds a problem, or replaces the problem with the same subject.</summary>
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

    /// <summary>Clears the problem with this subject, if there is one.</summary>
    public void Clear(string subject)
    {
        if (_bySubject.TryRemove(subject, out var problem)) Changed?.Invoke(problem, false);
    }
}

using System.Collections.Concurrent;

namespace MailServer.Domain.Health;

/// <summary>
/// The one list of findings about this node: the problems that its components report, and the latest results of its checks. The web page, <c>status</c>,
/// <c>doctor</c>, <c>/ready</c>, <c>/health</c> and the metrics all show it. Safe for use from any thread.
/// </summary>
/// <param name="problems">The problems that components report; they are current at every reading.</param>
/// <param name="time">The time source.</param>
public sealed class HealthReport(NodeProblems problems, TimeProvider time)
{
    /// <summary>The check name of problems that components report themselves.</summary>
    public const string Reported = "reported";

    private readonly ConcurrentDictionary<string, IReadOnlyList<Finding>> _byCheck = new(StringComparer.Ordinal);

    /// <summary>All findings: those that stop the service first, then by severity, check and subject.</summary>
    public IReadOnlyList<Finding> Current
    {
        get
        {
            var now = time.GetUtcNow();
            var reported = problems.Current;
            // A component knows its own problem better than a check of the same subject.
            var subjects = reported.Select(static p => p.Subject).ToHashSet(StringComparer.Ordinal);
            return
            [
                .. reported.Select(p => new Finding(Reported, p.Subject, FindingSeverity.Problem, p.Text, p.Remedy, now) { StopsService = p.StopsService })
                    .Concat(_byCheck.Values.SelectMany(static f => f).Where(f => !subjects.Contains(f.Subject)))
                    .OrderByDescending(static f => f.StopsService)
                    .ThenByDescending(static f => f.Severity)
                    .ThenBy(static f => f.Check, StringComparer.Ordinal)
                    .ThenBy(static f => f.Subject, StringComparer.Ordinal),
            ];
        }
    }

    /// <summary>Whether a problem stops the service of this node.</summary>
    public bool StopsService => problems.StopService;

    /// <summary>Adds a check that has not run yet.</summary>
    public void Announce(string check) => _byCheck.TryAdd(check, [new Finding(check, check, FindingSeverity.Pending, "not checked yet", "", null)]);

    /// <summary>Replaces the results of a check.</summary>
    public void Record(string check, IEnumerable<CheckResult> results)
    {
        ArgumentNullException.ThrowIfNull(results);
        var now = time.GetUtcNow();
        _byCheck[check] = [.. results.Select(r => new Finding(check, r.Subject, r.Severity, r.Text, r.Remedy, now))];
    }
}

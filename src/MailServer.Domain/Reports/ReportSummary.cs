namespace MailServer.Domain.Reports;

/// <summary>What the received reports of a week say about a domain.</summary>
/// <param name="Domain">The domain.</param>
/// <param name="Week">The Monday with which the week begins.</param>
/// <param name="Reports">How many reports there are.</param>
/// <param name="Messages">The number of messages (DMARC) or sessions (TLS).</param>
/// <param name="Failures">How many of them failed.</param>
public sealed record ReportSummary(string Domain, DateOnly Week, int Reports, long Messages, long Failures)
{
    private const int DaysOfWeek = 7;

    /// <summary>The Monday of the week of a time, in UTC.</summary>
    public static DateOnly WeekOf(DateTimeOffset at)
    {
        var day = DateOnly.FromDateTime(at.UtcDateTime);
        return day.AddDays(-(((int)day.DayOfWeek + DaysOfWeek - 1) % DaysOfWeek));
    }
}

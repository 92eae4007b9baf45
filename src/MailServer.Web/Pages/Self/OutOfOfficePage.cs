using System.Globalization;
using MailServer.Actors.Filtering;
using MailServer.Protocol.Sieve.Rules;
using MailServer.Web.Admin;

namespace MailServer.Web.Pages.Self;

/// <summary>The user's automatic reply for a time of absence.</summary>
internal static class OutOfOfficePage
{
    public const string Path = "/me/out-of-office";

    public static IEnumerable<PageRoute> Routes() =>
    [
        PageRoute.Get(Path, PageAudience.SignedIn, ShowAsync),
        PageRoute.Post("/me/out-of-office/save", PageAudience.SignedIn, SaveAsync, Path),
        PageRoute.Post("/me/out-of-office/off", PageAudience.SignedIn, EndAsync, Path),
    ];

    /// <summary>What every page of the user says while automatic replies are sent; null if none are, or if that is not known at once.</summary>
    public static async Task<string?> BannerAsync(PageRequest request)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(request.Http.RequestAborted);
        patience.CancelAfter(Patience);
        try
        {
            var state = await request.Services.Rules.ReadAsync(request.Account, patience.Token);
            if (state.AbsenceAt(request.Services.Time.GetUtcNow()) != OutOfOfficeState.On) return null;
            return state.Known.OutOfOffice!.End is { } end ? $"Automatic replies are on until {Time(end)} ({state.Known.OutOfOffice.Zone})." : "Automatic replies are on until you switch them off.";
        }
        catch (Exception e) when (e is ScriptRefusedException or TimeoutException or OperationCanceledException or Akka.Actor.AskTimeoutException)
        {
            return null;
        }
    }

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private static async Task<PageResult> ShowAsync(PageRequest request)
    {
        var state = await RuleErrors.ExplainAsync(() => request.Services.Rules.ReadAsync(request.Account, request.Cancel));
        return PageResult.Render<OutOfOfficeView, OutOfOfficeModel>("Out of office", new OutOfOfficeModel(state, state.AbsenceAt(request.Services.Time.GetUtcNow()), Zones(state.Known.OutOfOffice?.Zone)));
    }

    private static async Task<PageResult> SaveAsync(PageRequest request)
    {
        DateTime? start = null;
        DateTime? end = null;
        PageException.CheckAll(() => start = TimeOf(request, "start"), () => end = TimeOf(request, "end"), () =>
        {
            if (request.Field("text").Trim().Length == 0) throw PageException.Invalid("Write the text of the reply.", "text");
        });
        if (start >= end) throw PageException.Invalid("The end must be after the start.", "end");
        var absence = new OutOfOffice
        {
            Start = start,
            End = end,
            Zone = request.Field("zone"),
            OnlyContacts = request.Field("audience") == OutOfOfficeDocument.Contacts,
            Subject = request.Field("subject").Trim(),
            Text = request.Field("text"),
        };
        var isChanged = await RuleErrors.ExplainAsync(() => request.Services.Rules.SetOutOfOfficeAsync(request.Account, absence.Checked(), RuleErrors.VersionOf(request), request.Cancel));
        if (!isChanged) return request.RedirectUnchanged("the automatic reply is like that already");
        var state = await RuleErrors.ExplainAsync(() => request.Services.Rules.ReadAsync(request.Account, request.Cancel));
        return request.RedirectWithNotice(state.AbsenceAt(request.Services.Time.GetUtcNow()) switch
        {
            OutOfOfficeState.On => "Automatic replies are on.",
            OutOfOfficeState.Planned => $"Saved. Automatic replies begin at {Time(start!.Value)} by themselves.",
            OutOfOfficeState.Over => "Saved, but the end is in the past: nobody gets a reply.",
            _ => "Saved, but the script of another program is active: see Rules.",
        });
    }

    private static async Task<PageResult> EndAsync(PageRequest request)
    {
        var known = (await RuleErrors.ExplainAsync(() => request.Services.Rules.ReadAsync(request.Account, request.Cancel))).Known.OutOfOffice;
        if (known is not { IsEnabled: true }) return request.RedirectUnchanged("automatic replies are off already");
        await RuleErrors.ExplainAsync(() => request.Services.Rules.SetOutOfOfficeAsync(request.Account, known with { IsEnabled = false }, null, request.Cancel));
        return request.RedirectWithNotice("Automatic replies are off. The text is kept for another time.");
    }

    public static string Time(DateTime time) => time.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);

    private static DateTime? TimeOf(PageRequest request, string field)
    {
        try
        {
            return OutOfOfficeDocument.ParseTime(request.Field(field));
        }
        catch (RuleFormatException e)
        {
            throw PageException.Invalid(RuleErrors.Sentence(e.Message), field);
        }
    }

    /// <summary>The zones of the server's database, and the one that is in use.</summary>
    private static IReadOnlyList<string> Zones(string? current) =>
    [
        .. TimeZoneInfo.GetSystemTimeZones().Where(static z => z.HasIanaId && z.Id.Contains('/', StringComparison.Ordinal) && !z.Id.StartsWith("Etc/", StringComparison.Ordinal)).Select(static z => z.Id)
            .Append("UTC").Concat(current is null ? [] : [current]).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal),
    ];
}

/// <summary>The automatic reply, whether it is sent now, and the time zones to choose from.</summary>
public sealed record OutOfOfficeModel(RuleState State, OutOfOfficeState Now, IReadOnlyList<string> Zones)
{
    /// <summary>The reply; an empty one if none was written.</summary>
    public OutOfOffice Reply => State.Known.OutOfOffice ?? new OutOfOffice { Text = "", Zone = TimeZoneInfo.Local.HasIanaId ? TimeZoneInfo.Local.Id : "UTC" };
}

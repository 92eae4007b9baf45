using MailServer.Actors.Filtering;

namespace MailServer.Web.Pages.Self;

/// <summary>Forwarding of the user's mail, and the addresses that have agreed to it.</summary>
internal static class ForwardingPage
{
    public const string Path = "/me/forwarding";

    public static IEnumerable<PageRoute> Routes() =>
    [
        PageRoute.Get(Path, PageAudience.SignedIn, ShowAsync),
        PageRoute.Post("/me/forwarding/ask", PageAudience.SignedIn, AskAsync, Path).WithPassword().About("address"),
        PageRoute.Post("/me/forwarding/confirm", PageAudience.SignedIn, ConfirmAsync, Path),
        PageRoute.Post("/me/forwarding/set", PageAudience.SignedIn, SetAsync, Path),
        PageRoute.Post("/me/forwarding/forget", PageAudience.SignedIn, ForgetAsync, Path)
            .Confirmed("Remove", ["address"], static r => $"Remove {r.Key("address")}?", static _ => "To forward mail to this address again, it must agree again."),
    ];

    private static async Task<PageResult> ShowAsync(PageRequest request) => PageResult.Render<ForwardingView, ForwardingModel>(
        "Forwarding", new ForwardingModel(await RuleErrors.ExplainAsync(() => request.Services.Rules.ReadAsync(request.Account, request.Cancel)), request.Services.Time.GetUtcNow()));

    private static async Task<PageResult> AskAsync(PageRequest request)
    {
        var to = request.Address("address");
        await RuleErrors.ExplainAsync(async () =>
        {
            await request.Services.Forwarding.RequestAsync(request.Account, to, request.Cancel);
            return true;
        });
        return request.RedirectWithNotice($"A message with a code is sent to {to}. Enter the code here when you know it.");
    }

    private static async Task<PageResult> ConfirmAsync(PageRequest request)
    {
        try
        {
            var address = await request.Services.Forwarding.ConfirmAsync(request.Account, request.Field("confirmation"), request.Cancel);
            return request.RedirectWithNotice($"{address} has agreed. You can forward mail to it now.");
        }
        catch (ScriptRefusedException e) when (!e.IsUnavailable)
        {
            throw PageException.Invalid(RuleErrors.Sentence(e.Message), "confirmation");
        }
    }

    private static async Task<PageResult> SetAsync(PageRequest request)
    {
        var address = request.Field("target");
        var isChanged = await RuleErrors.ExplainAsync(() => request.Services.Forwarding.SetAsync(request.Account, address.Length == 0 ? null : address, request.Field("copy") != "no", request.Cancel));
        if (!isChanged) return request.RedirectUnchanged("mail is forwarded like that already");
        return request.RedirectWithNotice(address.Length == 0 ? "Mail is no longer forwarded." : $"Mail that arrives from now on is forwarded to {address}.");
    }

    private static async Task<PageResult> ForgetAsync(PageRequest request)
    {
        await RuleErrors.ExplainAsync(async () =>
        {
            await request.Services.Forwarding.ForgetAsync(request.Account, request.Field("address"), request.Cancel);
            return true;
        });
        return request.RedirectWithNotice("The address is removed.");
    }
}

/// <summary>The forwarding of a user.</summary>
public sealed record ForwardingModel(RuleState State, DateTimeOffset Now);

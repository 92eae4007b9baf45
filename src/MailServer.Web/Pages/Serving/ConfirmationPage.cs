namespace MailServer.Web.Pages.Serving;

/// <summary>The pages that ask before an action.</summary>
internal static class ConfirmationPage
{
    /// <summary>The page that asks before an action; GET on the path of the action.</summary>
    /// <param name="action">The action.</param>
    /// <param name="pages">Checks that a path from the query is one of the user's pages; null if it is not.</param>
    public static PageRoute Of(PageRoute action, Func<PageRequest, string, string?> pages)
    {
        var asked = action.Confirmation ?? throw new ArgumentException("the action asks nothing", nameof(action));
        return PageRoute.Get(action.Path, action.Audience, request =>
        {
            var values = asked.Keys.Select(k => (Name: k, Value: request.Key(k))).ToArray();
            if (values.Any(static v => v.Value.Length == 0)) throw PageException.NotFound();
            var back = pages(request, request.Key(FormFields.From)) ?? action.ReturnPathSelector?.Invoke(request) ?? action.ReturnPath;
            return Task.FromResult(PageResult.Render<ConfirmView, ConfirmModel>(
                asked.Title(request), new ConfirmModel(action.Path, values, asked.Consequence(request), asked.Typed?.Invoke(request), action.RequiresPassword, asked.Button, back)));
        });
    }

    /// <summary>The address of the page that asks before an action for the object of a posted form.</summary>
    public static string LocationOf(PageRoute action, PageRequest request) =>
        $"{action.Path}?{string.Join('&', action.Confirmation!.Keys.Append(FormFields.From).Select(k => $"{k}={Uri.EscapeDataString(request.Field(k))}"))}";
}

/// <summary>A question before an action.</summary>
public sealed record ConfirmModel(string Action, (string Name, string Value)[] Values, string Consequence, string? Typed, bool NeedsPassword, string Button, string Back);

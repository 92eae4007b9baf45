using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;

namespace MailServer.Web.Pages;

/// <summary>
/// A form that was posted after its session had ended. The sign-in form carries it, so that it can be shown again with its values after sign-in. It is never executed by
/// itself. Passwords and codes are not part of it.
/// </summary>
/// <param name="Action">The path to which the form was posted.</param>
/// <param name="From">The page that showed it.</param>
/// <param name="Values">Its fields.</param>
public sealed record KeptForm(string Action, string From, IReadOnlyDictionary<string, StringValues> Values)
{
    private const int MaxLength = 16 * 1024;
    private const string ValuePrefix = "v.";

    /// <summary>The form as text; empty if it is too large to keep.</summary>
    public static string Encode(string action, string from, IFormCollection form)
    {
        ArgumentNullException.ThrowIfNull(form);
        var query = new Dictionary<string, StringValues>(StringComparer.Ordinal) { ["action"] = action, ["from"] = from };
        foreach (var (name, values) in form.Where(static f => FormFields.IsKept(f.Key))) query[ValuePrefix + name] = values;
        var text = QueryHelpers.AddQueryString("", query);
        return text.Length <= MaxLength ? text : "";
    }

    public static bool TryDecode(string text, [NotNullWhen(true)] out KeptForm? form)
    {
        ArgumentNullException.ThrowIfNull(text);
        form = null;
        if (text.Length is 0 or > MaxLength) return false;
        var query = QueryHelpers.ParseQuery(text);
        if (!query.TryGetValue("action", out var action) || !query.TryGetValue("from", out var from)) return false;
        form = new KeptForm(action.ToString(), from.ToString(), query.Where(static q => q.Key.StartsWith(ValuePrefix, StringComparison.Ordinal))
            .ToDictionary(static q => q.Key[ValuePrefix.Length..], static q => q.Value, StringComparer.Ordinal));
        return true;
    }
}

using MailServer.Actors.Filtering;
using MailServer.Protocol.Sieve.Rules;

namespace MailServer.Web.Pages.Self;

/// <summary>Tells users why something about their rules is not possible.</summary>
internal static class RuleErrors
{
    /// <summary>Runs work with rules; refusals become errors of the page.</summary>
    /// <exception cref="PageException">It was refused.</exception>
    public static async Task<T> ExplainAsync<T>(Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (ScriptRefusedException e)
        {
            throw new PageException(e.IsUnavailable ? 503 : e.IsMissing ? 404 : 422, Sentence(e.Message));
        }
        catch (RuleFormatException e)
        {
            throw PageException.Invalid(Sentence(e.Message));
        }
    }

    /// <summary>The version of the rules that a form shows; null if it does not say.</summary>
    public static string? VersionOf(PageRequest request) => request.Posted.ContainsKey("version") ? request.Field("version") : null;

    public static string Sentence(string text) => text.Length == 0 ? text : char.ToUpperInvariant(text[0]) + text[1..] + (text[^1] == '.' ? "" : ".");
}

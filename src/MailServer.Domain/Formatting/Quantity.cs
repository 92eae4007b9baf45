using System.Globalization;

namespace MailServer.Domain.Formatting;

/// <summary>Counts with their noun in the right number: <c>1 message</c>, <c>2 messages</c>.</summary>
public static class Quantity
{
    /// <summary>The count and its noun.</summary>
    /// <param name="count">How many.</param>
    /// <param name="singular">The noun for one.</param>
    /// <param name="plural">The noun for any other number; null: the singular with an <c>s</c>.</param>
    public static string Of(long count, string singular, string? plural = null) => string.Create(CultureInfo.InvariantCulture, $"{count} {Noun(count, singular, plural)}");

    /// <summary>The noun alone.</summary>
    /// <param name="count">How many.</param>
    /// <param name="singular">The noun for one.</param>
    /// <param name="plural">The noun for any other number; null: the singular with an <c>s</c>.</param>
    public static string Noun(long count, string singular, string? plural = null) => count is 1 or -1 ? singular : plural ?? singular + "s";
}

namespace MailServer.Web.Pages;

/// <summary>The question that an action asks on a page of its own, before it happens. GET on the path of the action shows the page.</summary>
/// <param name="Button">The text of the button.</param>
/// <param name="Keys">The fields that identify the object. They are in the query of the page, and hidden in its form.</param>
/// <param name="Title">The title of the page, a question.</param>
/// <param name="Consequence">What will happen.</param>
public sealed record PageConfirmation(string Button, IReadOnlyList<string> Keys, Func<PageRequest, string> Title, Func<PageRequest, string> Consequence)
{
    /// <summary>The text that the user must type; null if none.</summary>
    public Func<PageRequest, string>? Typed { get; init; }
}

using Microsoft.AspNetCore.Components;

namespace MailServer.Web.Pages;

/// <summary>The result of a page request. Results of actions are remembered for a while (<see cref="FormOutcomes"/>), so they must not depend on one response.</summary>
public abstract record PageResult
{
    private PageResult() { }

    public sealed record RenderedView(string Title, Type View, object Model, int Status = 200) : PageResult
    {
        /// <summary>The page that is shown, if it is not the one of the request.</summary>
        public string? Location { get; init; }

        /// <summary>True if the page shows a secret. It is not compressed (BREACH).</summary>
        public bool HasSecret { get; init; }
    }

    /// <summary>Redirects to another page with 303 See Other.</summary>
    public sealed record SeeOther(string Path) : PageResult
    {
        /// <summary>The notice for the next page of the session.</summary>
        public PageNotice? Notice { get; init; }

        /// <summary>The cookie of a new session.</summary>
        public string? NewSession { get; init; }

        /// <summary>True to delete the session cookie.</summary>
        public bool EndsSession { get; init; }

        // The record contains the cookie of a session.
        public override string ToString() => $"SeeOther {{ Path = {Path} }}";
    }

    public sealed record Download(string Type, string Name, byte[] Content) : PageResult;

    /// <summary>A file that is written piece by piece.</summary>
    public sealed record StreamedDownload(string Type, string Name, Func<Stream, Task> WriteAsync) : PageResult;

    /// <param name="title">The title of the page.</param>
    /// <param name="model">The model of its view.</param>
    /// <param name="hasSecret">True if the page shows a secret.</param>
    public static PageResult Render<TView, TModel>(string title, TModel model, bool hasSecret = false)
        where TView : PageView<TModel>
        where TModel : notnull =>
        new RenderedView(title, typeof(TView), model) { HasSecret = hasSecret };
}

/// <summary>A fault of a form: the field it is about (null: the whole form) and a message for the user.</summary>
public sealed record FieldError(string? Field, string Text);

/// <summary>A rejected page request: the HTTP status and what to tell the user.</summary>
public sealed class PageException : Exception
{
    public PageException(int status, string message)
        : this(status, [new FieldError(null, message)])
    {
    }

    private PageException(int status, IReadOnlyList<FieldError> errors)
        : base(string.Join(' ', errors.Select(static e => e.Text)))
    {
        Status = status;
        Errors = errors;
    }

    public int Status { get; }

    public IReadOnlyList<FieldError> Errors { get; }

    public static PageException NotFound() => new(404, "There is no such page.");

    /// <param name="message">What is wrong, as a sentence.</param>
    /// <param name="field">The name of the form field that the message is about; null if there is none.</param>
    public static PageException Invalid(string message, string? field = null) => new(422, [new FieldError(field, message)]);

    /// <summary>Runs all checks of a form, so that the user sees every fault at once.</summary>
    public static void CheckAll(params ReadOnlySpan<Action> checks)
    {
        var errors = new List<FieldError>();
        foreach (var check in checks)
        {
            try
            {
                check();
            }
            catch (PageException e) when (e.Status == 422)
            {
                errors.AddRange(e.Errors);
            }
        }

        if (errors.Count > 0) throw new PageException(422, errors);
    }
}

/// <summary>The base class of page components: the markup of a model.</summary>
public abstract class PageView<TModel> : ComponentBase
{
    [Parameter, EditorRequired]
    public TModel Model { get; set; } = default!;

    [CascadingParameter]
    public PageContext Page { get; set; } = null!;
}

using Microsoft.AspNetCore.Components;

namespace MailServer.Web.Pages;

/// <summary>The result of a page request.</summary>
public abstract record PageResult
{
    private PageResult() { }

    public sealed record RenderedView(string Title, Type View, object Model, int Status = 200) : PageResult;

    /// <summary>Redirects to another page with 303 See Other.</summary>
    public sealed record SeeOther(string Path) : PageResult;

    public sealed record Download(string Type, string Name, byte[] Content) : PageResult;

    /// <summary>A file that is written piece by piece.</summary>
    public sealed record StreamedDownload(string Type, string Name, Func<Stream, Task> WriteAsync) : PageResult;

    public static PageResult Render<TView, TModel>(string title, TModel model)
        where TView : PageView<TModel>
        where TModel : notnull =>
        new RenderedView(title, typeof(TView), model);
}

/// <summary>A rejected page request: the HTTP status and a message for the user.</summary>
public sealed class PageException(int status, string message) : Exception(message)
{
    public int Status { get; } = status;

    public static PageException NotFound() => new(404, "There is no such page.");

    public static PageException Invalid(string message) => new(400, message);
}

/// <summary>The base class of page components: the markup of a model.</summary>
public abstract class PageView<TModel> : ComponentBase
{
    [Parameter, EditorRequired]
    public TModel Model { get; set; } = default!;

    [CascadingParameter]
    public PageContext Page { get; set; } = null!;
}

using Microsoft.AspNetCore.Components;

namespace MailServer.Web.Pages;

/// <summary>What a request for a page leads to.</summary>
public abstract record PageAnswer
{
    private PageAnswer() { }

    public sealed record Shown(string Title, Type View, object Model, int Status = 200) : PageAnswer;

    /// <summary>To another page, by GET.</summary>
    public sealed record SeeOther(string Path) : PageAnswer;

    public sealed record Download(string Type, string Name, byte[] Content) : PageAnswer;

    public static PageAnswer Show<TView, TModel>(string title, TModel model)
        where TView : PageView<TModel>
        where TModel : notnull =>
        new Shown(title, typeof(TView), model);
}

/// <summary>A request that is not done, with words for who made it.</summary>
public sealed class PageException(int status, string message) : Exception(message)
{
    public int Status { get; } = status;

    public static PageException NotFound() => new(404, "There is no such page.");

    public static PageException Wrong(string message) => new(400, message);
}

/// <summary>A page: markup of a model.</summary>
public abstract class PageView<TModel> : ComponentBase
{
    [Parameter, EditorRequired]
    public TModel Model { get; set; } = default!;

    [CascadingParameter]
    public PageContext Page { get; set; } = null!;
}

using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Rendering;

namespace MailServer.Web.Pages.Parts;

/// <summary>
/// Text such as an address that may be broken after <c>@</c>, dots and other punctuation, but not inside a word: an optional break (<c>&lt;wbr&gt;</c>) after each.
/// </summary>
public sealed class Breakable : ComponentBase
{
    private const string BreakAfter = "@.,:;/=&?)]}>|";

    [Parameter, EditorRequired]
    public string? Text { get; set; }

    protected override void BuildRenderTree(RenderTreeBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var text = Text ?? "";
        var from = 0;
        for (var i = 0; i < text.Length - 1; i++)
        {
            if (!BreakAfter.Contains(text[i], StringComparison.Ordinal) || BreakAfter.Contains(text[i + 1], StringComparison.Ordinal) || text[i + 1] == ' ') continue;
            builder.AddContent(0, text[from..(i + 1)]);
            builder.AddMarkupContent(1, "<wbr>");
            from = i + 1;
        }

        builder.AddContent(2, text[from..]);
    }
}

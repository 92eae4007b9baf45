using System.Text.Json;
using MailServer.Hosting;

namespace MailServer.Tests.Hosting;

public sealed class OutputEscapingTests
{
    private static readonly JsonSerializerOptions Relaxed = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    [Fact]
    public void Unprintable_characters_are_escaped_and_others_are_kept()
    {
        Assert.All(HostileText.Characters.Concat(HostileText.Attacks), static text =>
        {
            Assert.True(HostileText.IsFit(OutputEscaping.Escape(text), ""));
            Assert.True(HostileText.IsFit(OutputEscaping.Escape($"a{text}b"), ""));
        });
        Assert.All(HostileText.Harmless, static text => Assert.Equal(text, OutputEscaping.Escape(text)));
    }

    [Theory]
    [InlineData("a\nb\r\tc", @"a\nb\r\tc")]
    [InlineData("\e[31m", @"\u001b[31m")]
    [InlineData("\u009B", @"\u009b")]
    [InlineData("\U000E0041", @"\udb40\udc41")]
    public void An_escape_names_its_character(string text, string shown) => Assert.Equal(shown, OutputEscaping.Escape(text));

    // Not in an attribute, which cannot contain it.
    [Fact]
    public void An_unpaired_surrogate_is_escaped() => Assert.Equal(@"\ud83dx", OutputEscaping.Escape("\uD83Dx"));

    [Fact]
    public void Escaped_JSON_has_the_same_value()
    {
        // An unpaired surrogate is not text, and no JSON writer keeps it.
        foreach (var text in HostileText.Characters.Concat(HostileText.Attacks).Where(static t => !t.Any(char.IsSurrogate) || t.Length == 2 && char.IsSurrogatePair(t[0], t[1])))
        {
            var json = JsonSerializer.Serialize(new Dictionary<string, string> { ["text"] = text }, Relaxed);
            var shown = OutputEscaping.EscapeJson(json);
            Assert.True(HostileText.IsFit(shown, "\n"));
            Assert.Equal(text, JsonSerializer.Deserialize<Dictionary<string, string>>(shown)!["text"]);
        }
    }
}

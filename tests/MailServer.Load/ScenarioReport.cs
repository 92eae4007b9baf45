using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace MailServer.Load;

/// <summary>The result of a scenario: named figures, and a readable sentence.</summary>
internal sealed record ScenarioReport(string Scenario, string Sentence, IReadOnlyDictionary<string, double> Figures)
{
    /// <summary>A figure that was not measured is NaN.</summary>
    public static JsonSerializerOptions Json { get; } = new(JsonSerializerDefaults.Web)
    {
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public string ToJson(string? server) => JsonSerializer.Serialize(new { server, scenario = Scenario, figures = Figures }, Json);

    /// <summary>Formats with three significant digits and thousands separators.</summary>
    public static string Text(double value) => value switch
    {
        _ when !double.IsFinite(value) => "–",
        >= 100 => value.ToString("#,0", CultureInfo.InvariantCulture),
        >= 10 => value.ToString("0.0", CultureInfo.InvariantCulture),
        _ => value.ToString("0.00", CultureInfo.InvariantCulture),
    };
}

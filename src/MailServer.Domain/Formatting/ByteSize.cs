using System.Globalization;

namespace MailServer.Domain.Formatting;

/// <summary>Sizes for people, the same on the page, the command line and in the log: powers of 1024 under the names KB, MB, GB and TB.</summary>
public static class ByteSize
{
    private static readonly string[] Units = ["B", "KB", "MB", "GB", "TB"];

    /// <summary>The size in its largest unit, with one decimal place below 100: <c>512 B</c>, <c>1.5 MB</c>, <c>120 GB</c>.</summary>
    public static string Of(long octets)
    {
        double size = octets;
        var unit = 0;
        // 1023.96 KB would be written as 1024 KB.
        for (; Math.Abs(size) >= (unit == 0 ? 1024 : 1023.5) && unit < Units.Length - 1; unit++) size /= 1024;
        return string.Create(CultureInfo.InvariantCulture, $"{(unit == 0 || Math.Abs(size) >= 100 ? Math.Round(size) : Math.Round(size, 1))} {Units[unit]}");
    }
}

namespace Pigeon.Tests;

/// <summary>Names that files may hold and that must do no harm: as code, as text, or by being alike.</summary>
internal static class HostileNames
{
    public static string[] All { get; } =
    [
        "\"; int x[]; //", "a-b", "a_b", "a b", "a\"b", "a\nb", "a\r\nb", "a\u2028b", "1a", "a;b", "a\\", "a\\u0041", "ä", "a/*b", "a*/b", "a\0b",
        "right \u202e to \u2066 left", "\ud83d\ude00", "class", "int", "namespace", "__global__", "operator", "template", "one", "pair", "transposed", "range",
        "%0", "#", "$0", "->", "??/", "{0}", "</script>", "../../etc", "CON", new('x', 300), new string('x', 299) + "y", new('\u202e', 900),
    ];
}

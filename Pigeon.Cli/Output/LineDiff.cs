using System.Text.RegularExpressions;

namespace Pigeon.Cli;

/// <summary>
/// Which lines of a text are new against another, and which went: by their longest common subsequence. Numbers of values do not count, since
/// a line that moves renumbers all that follow.
/// </summary>
internal static partial class LineDiff
{
    /// <summary>For each line of both texts, whether the other one has it too, at its place.</summary>
    public static (bool[] Before, bool[] After) Common(IReadOnlyList<string> before, IReadOnlyList<string> after)
    {
        string[] a = [.. before.Select(WithoutNumbers)];
        string[] b = [.. after.Select(WithoutNumbers)];
        int[,] length = new int[a.Length + 1, b.Length + 1];
        for (int i = a.Length - 1; i >= 0; i--)
        {
            for (int j = b.Length - 1; j >= 0; j--)
            {
                length[i, j] = a[i] == b[j] ? length[i + 1, j + 1] + 1 : Math.Max(length[i + 1, j], length[i, j + 1]);
            }
        }

        (bool[] Before, bool[] After) common = (new bool[a.Length], new bool[b.Length]);
        for ((int x, int y) = (0, 0); x < a.Length && y < b.Length;)
        {
            if (a[x] == b[y])
            {
                common.Before[x++] = common.After[y++] = true;
            }
            else if (length[x + 1, y] >= length[x, y + 1])
            {
                x++;
            }
            else
            {
                y++;
            }
        }

        return common;
    }

    private static string WithoutNumbers(string line) => Number().Replace(line, "%");

    [GeneratedRegex("%[0-9]+")]
    private static partial Regex Number();
}

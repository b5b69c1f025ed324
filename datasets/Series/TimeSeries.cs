using System.Collections.Immutable;

namespace Pigeon.Datasets;

/// <summary>One variable over time.</summary>
/// <param name="Name">What it is called: the file and the variable.</param>
/// <param name="Times">The time of each step.</param>
/// <param name="Values">The value of each step, finite.</param>
public sealed record TimeSeries(string Name, ImmutableArray<DateTime> Times, ImmutableArray<double> Values)
{
    /// <summary>The number of calendar features.</summary>
    public const int CalendarWidth = 4;

    /// <summary>
    /// The calendar features of an hourly step, each in ±0.5: the hour, the day of the week (Monday first), of the month and of the year.
    /// </summary>
    /// <param name="time">The time of the step.</param>
    public static float[] Calendar(DateTime time)
    {
        const double hours = 23;
        const double weekdays = 6;
        const double days = 30;
        const double yearDays = 365;
        int weekday = ((int)time.DayOfWeek + 6) % 7;
        return
        [
            (float)((time.Hour / hours) - 0.5), (float)((weekday / weekdays) - 0.5), (float)(((time.Day - 1) / days) - 0.5),
            (float)(((time.DayOfYear - 1) / yearDays) - 0.5),
        ];
    }
}

using Pigeon.Tests;
using Xunit;

namespace Pigeon.Datasets.Tests;

public class TimeSeriesCsvTests
{
    private const string Header = "date,HUFL,OT\n";

    [Fact]
    public void One_variable_is_read_with_its_times()
    {
        using var folder = new TempFolder();
        TimeSeries series = TimeSeriesCsv.Read(folder.Write("a.csv", Header + "2016-07-01 00:00:00,x,1.5\n2016-07-01 01:00:00,,-2e1\n"), "OT");
        Assert.Equal("a.csv:OT", series.Name);
        Assert.Equal([1.5, -20], series.Values.AsEnumerable());
        Assert.Equal(new DateTime(2016, 7, 1, 1, 0, 0), series.Times[1]);
    }

    [Theory]
    [InlineData("", "PG0310")]
    [InlineData("time,OT\n", "PG0310")]
    [InlineData("date,OT,OT\n", "PG0310")]
    [InlineData(Header + "2016-07-01 00:00:00,1\n", "PG0306")]
    [InlineData(Header + "2016-07-01,1,1\n", "PG0326")]
    [InlineData(Header + "2016-02-30 00:00:00,1,1\n", "PG0326")]
    [InlineData(Header + "2016-07-01 00:00:00,1,\n", "PG0326")]
    [InlineData(Header + "2016-07-01 00:00:00,1,NaN\n", "PG0326")]
    [InlineData(Header + "2016-07-01 00:00:00,1,1e999\n", "PG0326")]
    [InlineData(Header + "2016-07-01 00:00:00,1,1x\n", "PG0326")]
    [InlineData(Header + "2016-07-01 01:00:00,1,1\n2016-07-01 00:00:00,1,1\n", "PG0326")]
    public void Hostile_text_is_refused(string text, string id)
    {
        using var folder = new TempFolder();
        string path = folder.Write("a.csv", text);
        Refusal.Of(id, () => TimeSeriesCsv.Read(path, "OT"));
    }

    [Fact]
    public void Calendar_features_are_the_published_ones() =>
        Assert.Equal(
            [(float)(7 / 23.0 - 0.5), 0.5f, (float)(2 / 30.0 - 0.5), (float)(184 / 365.0 - 0.5)],
            TimeSeries.Calendar(new DateTime(2016, 7, 3, 7, 0, 0)), (a, b) => Math.Abs(a - b) < 1e-6);

    [DataFact("timeseries/ETTh1.csv.gz", "timeseries/weather.csv.gz")]
    public void Published_series_have_their_lengths()
    {
        Assert.Equal(17_420, TimeSeriesCsv.Read(DataFactAttribute.Locate("timeseries/ETTh1.csv.gz"), "OT").Values.Length);
        Assert.Equal(52_696, TimeSeriesCsv.Read(DataFactAttribute.Locate("timeseries/weather.csv.gz"), "OT").Values.Length);
    }
}

package dev.recado.bench.report;

import dev.recado.bench.broker.BrokerKind;
import dev.recado.bench.run.Results;
import java.awt.Color;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.VectorGraphicsEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.internal.chartpart.Chart;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Draws bars with their spread, and percentile curves. */
final class Charts {

    private static final int WIDTH = 760;
    private static final int BAR_HEIGHT = 320;
    private static final int CURVE_HEIGHT = 420;
    private static final double LAST_PERCENT = 99.999;

    private static final Map<BrokerKind, Color> COLOURS = Map.of(
            BrokerKind.RECADO_NIO, new Color(0x0B6E4F),
            BrokerKind.RECADO_BLOCKING, new Color(0x6BBF59),
            BrokerKind.RELAY, new Color(0x9E9E9E),
            BrokerKind.MOSQUITTO, new Color(0x3B5BA5),
            BrokerKind.NATS, new Color(0x27AAE1),
            BrokerKind.HIVEMQ, new Color(0xE0A100),
            BrokerKind.MOQUETTE, new Color(0x8E5A9E),
            BrokerKind.ARTEMIS, new Color(0xC0392B));

    private Charts() {}

    /** A bar for each broker, all of one scenario and metric; whiskers from the lowest round to the highest. */
    static Chart<?, ?> bars(List<Results.Series> series) {
        CategoryChart chart = new CategoryChartBuilder()
                .width(WIDTH)
                .height(BAR_HEIGHT)
                .title(series.get(0).title())
                .yAxisTitle(series.get(0).metric().title())
                .build();
        chart.getStyler().setOverlapped(true).setAvailableSpaceFill(0.7);
        chart.getStyler().setYAxisMin(0.0).setYAxisDecimalPattern("#,###").setLegendVisible(false);
        plain(chart.getStyler());
        List<String> names = series.stream().map(one -> one.broker().title()).toList();
        for (Results.Series one : series) {
            // A series for each bar, else all are of one colour; the others' places are empty.
            List<Double> values = series.stream()
                    .map(other -> other == one ? one.median() : 0)
                    .toList();
            List<Double> spread = series.stream()
                    .map(other -> other == one ? (one.highest() - one.lowest()) / 2 : 0)
                    .toList();
            chart.addSeries(one.broker().title(), names, values, spread).setFillColor(COLOURS.get(one.broker()));
        }
        return chart;
    }

    /** Latency by percentile, both on scales where the tail is seen. */
    static Chart<?, ?> curves(List<Results.Curve> curves) {
        XYChart chart = new XYChartBuilder()
                .width(WIDTH)
                .height(CURVE_HEIGHT)
                .title(curves.get(0).title())
                .xAxisTitle("percentile")
                .yAxisTitle("µs")
                .build();
        chart.getStyler().setYAxisLogarithmic(true).setLegendPosition(Styler.LegendPosition.OutsideE);
        plain(chart.getStyler());
        chart.setCustomXAxisTickLabelsFormatter(Charts::percentile);
        for (Results.Curve one : curves) {
            double[] x = one.percentiles().stream().mapToDouble(Charts::nines).toArray();
            double[] y = one.micros().stream()
                    .mapToDouble(micros -> Math.max(1, micros))
                    .toArray();
            chart.addSeries(one.broker().title(), x, y)
                    .setMarker(SeriesMarkers.NONE)
                    .setLineColor(COLOURS.get(one.broker()));
        }
        return chart;
    }

    /** 0 % is 0, 90 % is 1, 99 % is 2: as HdrHistogram's own plots. XChart labels a logarithmic axis by itself only. */
    private static double nines(double percent) {
        return Math.log10(100 / (100 - Math.min(LAST_PERCENT, percent)));
    }

    private static String percentile(double nines) {
        return "%.4f".formatted(100 - 100 / Math.pow(10, nines)).replaceAll("\\.?0+$", "") + " %";
    }

    private static void plain(Styler styler) {
        styler.setChartBackgroundColor(Color.WHITE).setChartTitleBoxVisible(false);
    }

    static byte[] svg(Chart<?, ?> chart) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        VectorGraphicsEncoder.saveVectorGraphic(chart, out, VectorGraphicsEncoder.VectorGraphicsFormat.SVG);
        return out.toByteArray();
    }

    static byte[] png(Chart<?, ?> chart) throws IOException {
        return BitmapEncoder.getBitmapBytes(chart, BitmapEncoder.BitmapFormat.PNG);
    }
}
